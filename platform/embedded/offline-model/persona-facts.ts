import { splitSentences } from './split-sentences.ts';

// What tells the model how to behave is not something to tell the visitor.
const ORDER_WORDS = [
  "always|answer|ask|avoid|be|begin|cite|do not|don't|follow|if|ignore|keep|mention|must|never|only|reply|respond",
  'say|speak|start|stay|tone(?=:)|use|when|where|write|your (?:task|job|goal|role|tone)',
];
const ORDER = new RegExp(`^(?:${ORDER_WORDS.join('|')})\\b`, 'i');
const OF_ITSELF = /^You (?:are|can|help|answer|speak|work|know|offer)\b/;

const TO_FIRST_PERSON: readonly [RegExp, string][] = [
  [/^You are\b/, 'I am'],
  [/^You\b/, 'I'],
  [/\byour\b/g, 'my'],
];

/** Sentences of the persona's text that state something, in the first person. */
export function personaFacts(persona: string): string[] {
  return splitSentences(persona)
    .filter((sentence) => OF_ITSELF.test(sentence) || !(ORDER.test(sentence) || /\byou\b/i.test(sentence)))
    .map((sentence) => TO_FIRST_PERSON.reduce((text, [pattern, words]) => text.replace(pattern, words), sentence));
}

/** What the persona says of itself: who it is and what it can do. */
export function personaIntroduction(persona: string): string[] {
  return personaFacts(persona)
    .filter((fact) => /^I (?:am|can|help|answer|speak)\b/.test(fact))
    .slice(0, 2);
}
