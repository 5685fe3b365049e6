interface PlantedFault {
  fault: string;
  gate: string;
  files: Readonly<Record<string, string>>;
  /** What the gate must say, so that it is red for this reason and no other. */
  says: RegExp;
}

const FOLDERS = ['activities', 'bin', 'domain', 'models', 'workflows'];

/** The commands of the gates, as tools/check runs them, for a tree without the project's own scripts. */
export const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  format: ['oxfmt', '--check', ...FOLDERS],
  lint: ['oxlint', ...FOLDERS],
  types: ['tsc', '-p', 'tsconfig.json'],
  direction: ['depcruise', '--config', '.dependency-cruiser.cjs', ...FOLDERS],
  reach: ['depcruise', '--config', '.dependency-cruiser.runtime.cjs', ...FOLDERS],
  'dead code': ['knip', '--no-progress'],
};

const lines = (...text: string[]): string => `${text.join('\n')}\n`;

export const PLANTED: readonly PlantedFault[] = [
  {
    fault: 'a line in double quotes',
    gate: 'format',
    files: { 'models/person.ts': 'export const person = "Ada";\n' },
    says: /models\/person\.ts/,
  },
  {
    fault: 'an async validator of a workflow update, which would never reject',
    gate: 'lint',
    files: {
      'workflows/index.ts': lines(
        "import { condition, defineUpdate, setHandler } from '@temporalio/workflow';",
        '',
        "const submit = defineUpdate<void, [{ text: string }]>('submit');",
        '',
        'export async function greeting(): Promise<void> {',
        '  setHandler(submit, () => undefined, {',
        '    validator: async ({ text }) => {',
        "      if (text === '') throw new Error('empty');",
        '    },',
        '  });',
        '  await condition(() => false);',
        '}',
      ),
    },
    says: /no-misused-promises/,
  },
  {
    fault: 'the wall clock in a rule',
    gate: 'lint',
    files: { 'domain/greeting.ts': 'export const greetingFor = (name: string): string => `${name} ${Date.now()}`;\n' },
    says: /no-restricted-properties/,
  },
  {
    fault: 'a setting read behind the back of env.ts',
    gate: 'lint',
    files: { 'models/person.ts': "export const person = process.env['PERSON'] ?? 'Ada';\n" },
    says: /no-restricted-properties/,
  },
  {
    fault: 'a promise nobody waits for',
    gate: 'lint',
    files: { 'models/person.ts': lines("export const person = 'Ada';", 'Promise.resolve(person);') },
    says: /no-floating-promises/,
  },
  {
    fault: 'an enum, which Node cannot strip',
    gate: 'types',
    files: {
      'models/person.ts': lines('export enum Person {', "  Ada = 'Ada',", '}', 'export const person = Person.Ada;'),
    },
    says: /TS1294/,
  },
  {
    fault: 'knex in domain',
    gate: 'direction',
    files: {
      'domain/greeting.ts': lines(
        "import type { Knex } from 'knex';",
        '',
        'export const greetingFor = (name: string, knex?: Knex): string => `${name} ${String(knex)}`;',
      ),
    },
    says: /domain-uses-few-packages/,
  },
  {
    fault: 'Node core in domain',
    gate: 'direction',
    files: {
      'domain/greeting.ts': lines(
        "import { randomUUID } from 'node:crypto';",
        '',
        'export const greetingFor = (name: string): string => `${name} ${randomUUID()}`;',
      ),
    },
    says: /domain-knows-no-node-core/,
  },
  {
    fault: 'a circle, by types alone',
    gate: 'direction',
    files: {
      'models/person.ts': lines("import type { Town } from './town.ts';", '', "export const person: Town = 'Ada';"),
      'models/town.ts': lines(
        "import type { person } from './person.ts';",
        '',
        'export type Town = string | typeof person;',
      ),
    },
    says: /no-cycle/,
  },
  {
    fault: 'a workflow that takes a value from an activity',
    gate: 'direction',
    files: { 'workflows/index.ts': "export { greet as greeting } from '#activities/greet.ts';\n" },
    says: /workflows-takes-types-only-of-activities/,
  },
  {
    fault: 'a model reached from a workflow, one step away',
    gate: 'reach',
    files: { 'domain/greeting.ts': "export { person as greetingFor } from '#models/person.ts';\n" },
    says: /a-workflow-reaches-no-effect[\s\S]*models\/person\.ts/,
  },
  {
    fault: 'an export that nobody uses',
    gate: 'dead code',
    files: { 'models/person.ts': lines("export const person = 'Ada';", "export const nobody = 'Eve';") },
    says: /Unused exports[\s\S]*nobody/,
  },
  {
    fault: 'a file that nobody imports',
    gate: 'dead code',
    files: { 'models/forgotten.ts': 'export const forgotten = 1;\n' },
    says: /Unused files[\s\S]*models\/forgotten\.ts/,
  },
];
