import { LANGUAGES, type Language } from './languages.ts';

export const WIDGET_POSITIONS = ['bottom-right', 'bottom-left'] as const;
export type WidgetPosition = (typeof WIDGET_POSITIONS)[number];

/** A tenant's own words; null for ours. */
export interface WidgetTexts {
  title: string | null;
  greeting: string | null;
}

export interface WidgetSettings {
  accent: string;
  position: WidgetPosition;
  /** Null: the language of the page. */
  language: Language | null;
  /** With `required` nothing is read, stored or sent before the visitor agreed. */
  consent: 'none' | 'required';
  texts: Record<Language, WidgetTexts>;
}

type Change<Value> = { [Name in keyof Value]?: Value[Name] | null | undefined };

/** Absent leaves, null goes back to ours. */
export type WidgetSettingsChange = Change<Omit<WidgetSettings, 'texts'>> & {
  texts?: { [Name in Language]?: Change<WidgetTexts> | null | undefined } | null | undefined;
};

const OUR_TEXTS: WidgetTexts = { title: null, greeting: null };

export const FIRST_WIDGET_SETTINGS: WidgetSettings = {
  accent: '#1d4ed8',
  position: 'bottom-right',
  language: null,
  consent: 'none',
  texts: { en: OUR_TEXTS, es: OUR_TEXTS, it: OUR_TEXTS, nl: OUR_TEXTS, pl: OUR_TEXTS },
};

export function changeWidgetSettings(now: WidgetSettings, change: WidgetSettingsChange): WidgetSettings {
  const first = FIRST_WIDGET_SETTINGS;
  const texts = { ...now.texts };
  for (const language of LANGUAGES) {
    const given = change.texts === null ? null : change.texts?.[language];
    texts[language] = given === null ? OUR_TEXTS : changeTexts(now.texts[language], given ?? {});
  }
  return {
    accent: choose(change.accent, now.accent, first.accent),
    position: choose(change.position, now.position, first.position),
    language: choose(change.language, now.language, first.language),
    consent: choose(change.consent, now.consent, first.consent),
    texts,
  };
}

function changeTexts(now: WidgetTexts, change: Change<WidgetTexts>): WidgetTexts {
  return { title: choose(change.title, now.title, null), greeting: choose(change.greeting, now.greeting, null) };
}

function choose<Value>(given: Value | null | undefined, now: Value, first: Value): Value {
  return given === undefined ? now : (given ?? first);
}

/** Black or white, whichever is easier to read on it (WCAG 2.2, relative luminance): always 4.5 to 1 or more. */
export function textColourOn(colour: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

function linear(share: number): number {
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
