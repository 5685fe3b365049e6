import { estimateTokens } from './credits/hold-estimate.ts';
import type { PersonaSnapshot } from './persona.ts';

export interface Passage {
  title: string;
  body: string;
}

/** One earlier message, as the model is to see it; a system line tells of a stretch in which a person answered. */
export interface HistoryMessage {
  role: 'user' | 'assistant' | 'system';
  text: string;
}

export interface PromptMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface PromptInput {
  persona: PersonaSnapshot;
  passages: readonly Passage[];
  /** Oldest first, without the message to be answered. */
  history: readonly HistoryMessage[];
  message: string;
}

const HEADER_RULE = [
  'Begin your answer with one header line in double brackets that tells where your words come from:',
  '[[1,3]] when you use passages 1 and 3 (and put [1] or [3] after the sentences that come from them),',
  '[[p]] when this text alone supports your answer, [[-]] when you only greet, thank or ask back without any claim,',
  '[[none]] when neither the passages nor this text hold the answer. Write nothing before the header.',
].join('\n');

const REWRITE_RULE =
  'Your last answer had no valid header. Answer again: first the header line in double brackets, then the text.';

/** The whole prompt: persona, header rule and passages in the system message, then history, the visitor's text last. */
export function composePrompt(input: PromptInput, rewrite = false): PromptMessage[] {
  const { persona, passages, history, message } = input;
  const asksForHeader = persona.grounding.mode !== 'off';
  const parts = [persona.instructions.systemPrompt, `Tone: ${persona.identity.tone}`];
  if (asksForHeader) parts.push(HEADER_RULE);
  if (asksForHeader && rewrite) parts.push(REWRITE_RULE);
  if (passages.length > 0) parts.push(['Passages:', ...passages.map(numbered)].join('\n'));
  return [
    { role: 'system', content: parts.join('\n\n') },
    ...recent(history, persona.session.historyTokens).map(({ role, text }) => ({ role, content: text })),
    { role: 'user', content: message },
  ];
}

function numbered(passage: Passage, index: number): string {
  return `[${index + 1}] ${passage.title}: ${passage.body}`;
}

/** The newest messages that fit: a long conversation must not make every later turn dearer and slower. */
function recent(history: readonly HistoryMessage[], tokenMax: number): HistoryMessage[] {
  let spent = 0;
  const from = history.findLastIndex((message) => {
    spent += estimateTokens(message.text);
    return spent > tokenMax;
  });
  return history.slice(from + 1);
}
