import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CONFIGURATION = [
  '.dependency-cruiser.cjs',
  '.dependency-cruiser.runtime.cjs',
  '.oxfmtrc.json',
  '.oxlintrc.json',
  'tsconfig.json',
];

/** A tiny project that every gate passes: one fault more, and the gate that minds must turn red. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'planted',
    private: true,
    type: 'module',
    imports: {
      '#activities/*': './activities/*',
      '#domain/*': './domain/*',
      '#models/*': './models/*',
    },
  }),
  'knip.json': JSON.stringify({ entry: ['bin/*.ts', 'workflows/index.ts'], project: ['**/*.ts'] }),
  'package-lock.json': JSON.stringify({
    packages: {
      '': {},
      'node_modules/@temporalio/worker': { version: '1.0.0' },
      'node_modules/protobufjs': { version: '8.0.0' },
    },
  }),
  'bin/greet.ts': ["import { greet } from '#activities/greet.ts';", '', "process.stdout.write(greet('Ada'));", ''].join(
    '\n',
  ),
  'domain/greeting.ts': [
    'export function greetingFor(name: string): string {',
    '  return `Hello ${name}`;',
    '}',
    '',
  ].join('\n'),
  'models/person.ts': ["export const person = 'Ada';", ''].join('\n'),
  'activities/greet.ts': [
    "import { greetingFor } from '#domain/greeting.ts';",
    "import { person } from '#models/person.ts';",
    '',
    'export function greet(name: string): string {',
    '  return greetingFor(`${name} and ${person}`);',
    '}',
    '',
  ].join('\n'),
  'workflows/index.ts': [
    "import type { greet } from '#activities/greet.ts';",
    "import { greetingFor } from '#domain/greeting.ts';",
    '',
    'export async function greeting(): Promise<ReturnType<typeof greet>> {',
    "  return greetingFor('Ada');",
    '}',
    '',
  ].join('\n'),
};

export interface Tree {
  folder: string;
  remove(): void;
}

/** The sound project in a temporary folder, with some files put over it. */
export function plantTree(files: Readonly<Record<string, string>> = {}): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'bob-planted-'));
  for (const name of CONFIGURATION) cpSync(join(ROOT, name), join(folder, name));
  for (const [path, text] of Object.entries({ ...SOUND, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (!('node_modules/own/package.json' in files))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
