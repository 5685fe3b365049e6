import { expect, test } from 'vitest';

import { changeWidgetSettings, FIRST_WIDGET_SETTINGS, textColourOn } from './widget-settings.ts';

const OWN = changeWidgetSettings(FIRST_WIDGET_SETTINGS, {
  accent: '#aa0000',
  position: 'bottom-left',
  language: 'pl',
  consent: 'required',
  texts: { en: { title: 'Shop', greeting: 'Welcome' }, pl: { title: 'Sklep' } },
});

test('what is not named stays', () => {
  expect(changeWidgetSettings(OWN, {})).toEqual(OWN);
  expect(changeWidgetSettings(OWN, { accent: '#00aa00' })).toEqual({ ...OWN, accent: '#00aa00' });
});

test('null goes back to ours', () => {
  const change = { accent: null, position: null, language: null, consent: null, texts: null };
  expect(changeWidgetSettings(OWN, change)).toEqual(FIRST_WIDGET_SETTINGS);
});

test('texts change language by language, and text by text', () => {
  const changed = changeWidgetSettings(OWN, { texts: { en: { title: null }, pl: null, nl: { greeting: 'Hallo' } } });
  expect(changed.texts).toEqual({
    ...FIRST_WIDGET_SETTINGS.texts,
    en: { title: null, greeting: 'Welcome' },
    nl: { title: null, greeting: 'Hallo' },
  });
});

test.each([
  ['#ffffff', '#000000'],
  ['#000000', '#ffffff'],
  ['#1d4ed8', '#ffffff'],
  ['#FFD400', '#000000'],
  ['#777777', '#000000'],
  ['#6b6b6b', '#ffffff'],
])('text on %s is %s', (accent, text) => {
  expect(textColourOn(accent)).toBe(text);
});
