import fc from 'fast-check';
import { expect, it } from 'vitest';

import { estimateTokens } from './credits/hold-estimate.ts';
import { snapshotOf, type PersonaSnapshot } from './persona.ts';
import { composePrompt, type PromptInput } from './prompt.ts';

const PERSONA = snapshotOf({ name: 'Ada', description: 'Helps', tone: 'brief', systemPrompt: 'You are Ada.' });
const ASK: PromptInput = { persona: PERSONA, passages: [], history: [], message: 'What does it cost?' };

function personaWith(mode: PersonaSnapshot['grounding']['mode'], historyTokens = 3000): PersonaSnapshot {
  return { ...PERSONA, grounding: { mode, minScore: 2000 }, session: { ...PERSONA.session, historyTokens } };
}

function systemOf(input: PromptInput, rewrite = false): string {
  return composePrompt(input, rewrite)[0]?.content ?? '';
}

it('the persona’s instructions and tone open the prompt', () => {
  expect(systemOf(ASK)).toMatch(/^You are Ada\.\n\nTone: brief\n\n/);
});

it('a header is asked for wherever answers must be grounded, and only there', () => {
  expect(systemOf({ ...ASK, persona: personaWith('required') })).toContain('[[none]]');
  expect(systemOf({ ...ASK, persona: personaWith('preferred') })).toContain('[[none]]');
  expect(systemOf({ ...ASK, persona: personaWith('off') })).not.toContain('[[');
});

it('a second try says what the first one lacked, where a header is asked for at all', () => {
  expect(systemOf(ASK)).not.toContain('had no valid header');
  expect(systemOf(ASK, true)).toContain('had no valid header');
  expect(systemOf({ ...ASK, persona: personaWith('off') }, true)).not.toContain('had no valid header');
});

it('passages are numbered as they are to be cited', () => {
  const passages = [
    { title: 'Plans', body: 'Starter costs 79 USD.' },
    { title: 'Seats', body: 'Three.' },
  ];
  expect(systemOf({ ...ASK, passages })).toContain('Passages:\n[1] Plans: Starter costs 79 USD.\n[2] Seats: Three.');
  expect(systemOf(ASK)).not.toContain('Passages:');
});

const messages = fc.array(
  fc.record({ role: fc.constantFrom('user', 'assistant'), text: fc.string({ unit: 'grapheme', maxLength: 60 }) }),
  { maxLength: 12 },
);

it('the visitor’s text is last and whole, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), messages, (message, history) => {
      const prompt = composePrompt({ ...ASK, history, message });
      expect(prompt.at(-1)).toEqual({ role: 'user', content: message });
      expect(prompt.filter(({ role }) => role === 'system')).toHaveLength(1);
      expect(prompt[0]?.content).toBe(systemOf(ASK));
    }),
  );
});

it('of the history the newest messages stay that fit, in their order, and not one more would', () => {
  fc.assert(
    fc.property(messages, fc.nat({ max: 120 }), (history, historyTokens) => {
      const prompt = composePrompt({ ...ASK, persona: personaWith('off', historyTokens), history });
      const kept = prompt.slice(1, -1);
      const tokens = (texts: readonly string[]) => texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      const tail = history.slice(history.length - kept.length);
      expect(kept).toEqual(tail.map(({ role, text }) => ({ role, content: text })));
      expect(tokens(tail.map(({ text }) => text))).toBeLessThanOrEqual(historyTokens);
      if (kept.length === history.length) return;
      const oneMore = history.slice(history.length - kept.length - 1);
      expect(tokens(oneMore.map(({ text }) => text))).toBeGreaterThan(historyTokens);
    }),
  );
});

it('what tells of a person’s stretch stays a system line, in its place', () => {
  const history = [
    { role: 'assistant', text: 'I am Ann.' },
    { role: 'system', text: 'Ann helped.' },
  ] as const;
  expect(composePrompt({ ...ASK, history }).slice(1, -1)).toEqual([
    { role: 'assistant', content: 'I am Ann.' },
    { role: 'system', content: 'Ann helped.' },
  ]);
});
