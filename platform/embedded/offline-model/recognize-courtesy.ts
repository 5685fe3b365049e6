import { wordsOf } from './content-words.ts';
import type { Language } from './vocabulary.ts';

interface Courtesy {
  kind: 'greeting' | 'thanks' | 'goodbye' | 'identity';
  language: Language;
}

const PHRASES: Record<Courtesy['kind'], Record<Language, readonly string[]>> = {
  greeting: {
    en: ['hello', 'hi', 'hey', 'hello there', 'hi there', 'good morning', 'good afternoon', 'good evening'],
    es: ['hola', 'buenas', 'buenos dias', 'buenas tardes', 'buenas noches'],
    it: ['ciao', 'salve', 'buongiorno', 'buonasera', 'buon giorno'],
    nl: ['hallo', 'hoi', 'dag', 'goedemorgen', 'goedemiddag', 'goedenavond', 'goedendag'],
    pl: ['czesc', 'witam', 'hej', 'dzien dobry', 'dobry wieczor'],
  },
  thanks: {
    en: ['thanks', 'thank you', 'many thanks', 'thanks a lot', 'thank you very much'],
    es: ['gracias', 'muchas gracias', 'mil gracias'],
    it: ['grazie', 'grazie mille', 'molte grazie'],
    nl: ['bedankt', 'dank u', 'dank je', 'dank u wel', 'dankjewel', 'hartelijk dank'],
    pl: ['dziekuje', 'dzieki', 'dziekuje bardzo', 'bardzo dziekuje'],
  },
  goodbye: {
    en: ['bye', 'goodbye', 'bye bye', 'see you', 'good night'],
    es: ['adios', 'hasta luego', 'hasta pronto'],
    it: ['arrivederci', 'a presto', 'addio'],
    nl: ['tot ziens', 'doei', 'dag dag'],
    pl: ['do widzenia', 'pa', 'na razie'],
  },
  identity: {
    en: ['who are you', 'what are you', 'what can you do', 'what do you do', 'how can you help', 'how can you help me'],
    es: ['quien eres', 'quien es usted', 'que puedes hacer', 'que puede hacer', 'como puedes ayudarme'],
    it: ['chi sei', 'chi e lei', 'cosa sai fare', 'cosa puoi fare', 'come puoi aiutarmi'],
    nl: ['wie ben je', 'wie bent u', 'wat kun je', 'wat kun je doen', 'wat kunt u doen', 'wat kan je'],
    pl: ['kim jestes', 'co potrafisz', 'co mozesz zrobic', 'jak mozesz pomoc'],
  },
};

const COURTESY_OF_PHRASE = new Map(
  (['greeting', 'thanks', 'goodbye', 'identity'] as const).flatMap((kind) =>
    (['en', 'es', 'it', 'nl', 'pl'] as const).flatMap((language) =>
      PHRASES[kind][language].map((phrase): [string, Courtesy] => [phrase, { kind, language }]),
    ),
  ),
);

/** A message that is nothing but a courtesy; "hello, what does it cost?" is a question. */
export function recognizeCourtesy(text: string): Courtesy | null {
  const words = wordsOf(text);
  // Addressed by name: "Hello Bob".
  const spoken = words.at(-1) === 'bob' ? words.slice(0, -1) : words;
  return COURTESY_OF_PHRASE.get(spoken.join(' ')) ?? null;
}
