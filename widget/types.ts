import type { WidgetScriptConfig } from '#contract/widget.ts';

export type Config = WidgetScriptConfig;
export type Language = Config['fallback_language'];

/** What the script tag says. */
export interface Tag {
  /** Where the script came from, and calls go to. */
  host: string;
  lang: string | null;
  position: string | null;
  key: string | null;
}

/** What the loader hands to the panel, once a visitor wants it. */
export interface Opening {
  host: string;
  config: Config;
  language: Language;
  isLeft: boolean;
  root: ShadowRoot;
  launcher: HTMLButtonElement;
}

export interface Panel {
  toggle(): void;
}

/** The module behind the button: the two meet only here. */
export interface PanelModule {
  mountPanel(opening: Opening): Panel;
}

export interface Line {
  author: 'visitor' | 'ai' | 'human' | 'user' | 'system';
  text: string;
}

/** What became of a message. */
export type Sent =
  | { kind: 'answered'; lines: Line[] }
  /** Stored; a person will answer. */
  | { kind: 'waiting' }
  /** Not on record as far as we know: the same words go out under the same key. */
  | { kind: 'failed' }
  /** This page may not chat here. */
  | { kind: 'refused' };

export interface Chat {
  /** What was said before, where this browser remembers a conversation. */
  history(): Promise<Line[]>;
  send(text: string, language: Language): Promise<Sent>;
  /** What people have written since. */
  news(): Promise<Line[]>;
}
