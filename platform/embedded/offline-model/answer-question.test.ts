import { describe, expect, test } from 'vitest';
import { answerQuestion } from './answer-question.ts';
import { FIXED_TEXTS } from './fixed-texts.ts';
import type { Prompt } from './read-prompt.ts';

const STARTER = 'The Starter plan costs 49 USD per month and includes 10,000 AI credits and 2 team seats.';
const PRO =
  'The Pro plan costs 249 USD per month and includes 75,000 AI credits, 10 team seats and 3 standard integrations.';
const ENTERPRISE = 'The Enterprise plan costs 999 USD per month and has unlimited integrations.';
const RETURNS = 'Goods can be returned within 30 days. Refunds arrive after 5 working days.';

const PROMPT: Prompt = {
  persona: 'You are Bob, the assistant of Demo Ltd. Always be brief. Demo Ltd was founded in Ghent.',
  wantsHeader: true,
  passages: [
    { number: 1, title: 'Plans', text: `${STARTER} ${PRO}` },
    { number: 2, title: 'Enterprise', text: ENTERPRISE },
    { number: 3, title: 'Returns', text: RETURNS },
  ],
};

function ask(...texts: string[]): { text: string; basis: unknown } {
  return answerQuestion(PROMPT, texts);
}

describe('answers from passages', () => {
  test('the sentence that names what was asked is quoted with its mark', () => {
    expect(ask('What does the Pro plan cost?')).toEqual({
      basis: { kind: 'passages', numbers: [1] },
      text: `${PRO} [1]`,
    });
  });

  test.each([
    ['es', '¿Cuánto cuesta el plan Pro?'],
    ['it', 'Quanto costa il piano Pro?'],
    ['nl', 'Wat kost het Pro-abonnement?'],
    ['pl', 'Ile kosztuje plan Pro?'],
  ] as const)('a question in %s finds the English passage, introduced in its own language', (language, question) => {
    expect(ask(question).text).toBe(`${FIXED_TEXTS[language].fromSources} ${PRO} [1]`);
  });

  test('a question about two things quotes both', () => {
    expect(ask('What do Starter and Enterprise cost?')).toEqual({
      basis: { kind: 'passages', numbers: [1, 2] },
      text: `${STARTER} [1] ${ENTERPRISE} [2]`,
    });
  });

  test('a short follow-up asks what the message before it asked', () => {
    expect(ask('What does the Pro plan cost?', 'and Enterprise?').text).toBe(`${ENTERPRISE} [2]`);
    expect(ask('¿Cuánto cuesta el plan Pro?', 'Enterprise').text).toContain(ENTERPRISE);
  });

  test('a question about the title alone gets the passage from its start', () => {
    expect(ask('What about returns?').text).toBe(
      'Goods can be returned within 30 days. [3] Refunds arrive after 5 working days. [3]',
    );
  });

  test('numbers match however they are written', () => {
    expect(ask('Welk abonnement heeft 75.000 credits?').text).toContain(PRO);
  });
});

describe('answers without a passage', () => {
  test.each([
    ['en', 'What is the capital of France?'],
    ['es', '¿Cuál es la capital de Francia?'],
    ['it', 'Qual è la capitale della Francia?'],
    ['nl', 'Wat is de hoofdstad van Frankrijk?'],
    ['pl', 'Jakie miasto jest stolicą Francji?'],
  ] as const)('what nobody wrote down is not known, said in %s', (language, question) => {
    expect(ask(question)).toEqual({ basis: { kind: 'unknown' }, text: FIXED_TEXTS[language].unknown });
  });

  test.each([
    ['en', 'Hello Bob!', 'greeting'],
    ['es', 'Muchas gracias.', 'thanks'],
    ['it', 'Arrivederci', 'goodbye'],
    ['nl', 'Goedemorgen', 'greeting'],
    ['pl', 'Dzień dobry', 'greeting'],
  ] as const)('a courtesy in %s is returned without a claim', (language, text, key) => {
    expect(ask(text)).toEqual({ basis: { kind: 'no-claim' }, text: FIXED_TEXTS[language][key] });
  });

  test('a message without a subject is asked back', () => {
    expect(ask('Can you tell me?')).toEqual({ basis: { kind: 'no-claim' }, text: FIXED_TEXTS.en.askBack });
  });

  test('a call for help that names nothing known is asked back', () => {
    expect(ask('Hello, I need help with my order').text).toBe(FIXED_TEXTS.en.askBack);
    expect(ask('Necesito ayuda con mi pedido').text).toBe(FIXED_TEXTS.es.askBack);
  });

  test('the persona answers for itself, in the first person', () => {
    expect(ask('Who are you?')).toEqual({
      basis: { kind: 'persona' },
      text: 'I am Bob, the assistant of Demo Ltd.',
    });
    expect(ask('Where was Demo Ltd founded?')).toEqual({
      basis: { kind: 'persona' },
      text: 'Demo Ltd was founded in Ghent.',
    });
  });

  test('orders to the model are never told to the visitor', () => {
    const persona = 'You only state what the passages say. Where they are silent you say so.\n\nTone: friendly';
    expect(answerQuestion({ ...PROMPT, persona }, ['What is your friendly tone?']).basis).toEqual({ kind: 'unknown' });
    expect(answerQuestion({ ...PROMPT, persona }, ['Are the passages silent?']).basis).toEqual({ kind: 'unknown' });
    expect(ask('Be brief?').basis).toEqual({ kind: 'unknown' });
  });

  test('a model without a persona says what it is', () => {
    const bare: Prompt = { persona: '', passages: [], wantsHeader: true };
    expect(answerQuestion(bare, ['wie bent u?']).text).toBe(FIXED_TEXTS.nl.identity);
    expect(answerQuestion(bare, []).text).toBe(FIXED_TEXTS.en.askBack);
  });

  test('no fixed text holds a digit, a link or more than 300 characters', () => {
    const texts = Object.values(FIXED_TEXTS).flatMap((each) => Object.values(each));
    expect(texts.filter((text) => /\d|:\/\/|www\./.test(text) || text.length > 300)).toEqual([]);
  });
});
