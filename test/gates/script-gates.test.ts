import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, inject, it } from 'vitest';

import { runGate, script } from './run-gate.ts';
import { plantTree, ROOT, type Tree } from './sound-tree.ts';

const trees: Tree[] = [];

function plant(files?: Readonly<Record<string, string>>): string {
  const tree = plantTree(files);
  trees.push(tree);
  return tree.folder;
}

afterEach(() => {
  for (const tree of trees.splice(0)) tree.remove();
});

function lockOf(packages: Record<string, object>): Record<string, string> {
  const sound = {
    'node_modules/@temporalio/worker': { version: '1.0.0' },
    'node_modules/protobufjs': { version: '8.0.0' },
  };
  return { 'package-lock.json': JSON.stringify({ packages: { '': {}, ...sound, ...packages } }) };
}

it('lock passes a lockfile without a hole', () => {
  expect(runGate(plant(), script('lock.ts'))).toEqual({ green: true, said: '' });
});

it.each([
  ['a hole', { 'node_modules/a': { optionalDependencies: { 'a-linux-arm64': '1.0.0' } } }, /wants a-linux-arm64/],
  ['a host name', { 'node_modules/a': { resolved: 'https://packages.example.test/a.tgz' } }, /host name: a/],
  ['two protobufjs 8', { 'node_modules/a/node_modules/protobufjs': { version: '8.1.0' } }, /2 of protobufjs 8/],
  ['two Temporal versions', { 'node_modules/@temporalio/client': { version: '1.1.0' } }, /2 of @temporalio/],
])('lock refuses %s', (_fault, packages, says) => {
  const { green, said } = runGate(plant(lockOf(packages)), script('lock.ts'));
  expect(said).toMatch(says);
  expect(green).toBe(false);
});

it('licences refuses a package under the GPL', () => {
  const { green, said } = runGate(
    plant({
      'package.json': JSON.stringify({ name: 'planted', private: true, dependencies: { own: '1.0.0' } }),
      'node_modules/own/package.json': JSON.stringify({ name: 'own', version: '1.0.0', license: 'GPL-3.0-only' }),
    }),
    script('licences.ts'),
  );
  expect(said).toMatch(/own@1\.0\.0.*GPL-3\.0-only/);
  expect(green).toBe(false);
});

it('contract refuses a stale document', () => {
  const folder = plant();
  for (const part of ['contract', 'domain', 'bin/write-openapi.ts', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  mkdirSync(join(folder, 'docs'));
  const document = readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8');
  const check = ['node', 'bin/write-openapi.ts', '--check'];

  writeFileSync(join(folder, 'docs/openapi.json'), document);
  expect(runGate(folder, check)).toMatchObject({ green: true });

  writeFileSync(join(folder, 'docs/openapi.json'), document.replace('"openapi"', '"openApi"'));
  expect(runGate(folder, check)).toMatchObject({ green: false, said: expect.stringContaining('stale') });
});

const MIGRATION = (up: string, down: string): string =>
  `import type { Knex } from 'knex';
   export const up = (knex: Knex): Promise<void> => knex.raw(\`${up}\`);
   export const down = (knex: Knex): Promise<void> => knex.raw(\`${down}\`);`;

it.each([
  [
    'a way down that leaves a table',
    'create table left_over (id uuid primary key)',
    'select 1',
    /down leaves: .*left_over/,
  ],
  ['a column of fixed width', 'create table fixed (id char(8) primary key)', 'drop table fixed', /ban-char-field/],
])('migrations refuses %s', (_fault, up, down, says) => {
  const folder = plant({ 'migrations/0001_planted.ts': MIGRATION(up, down) });
  const env = { TEST_DATABASE_URL: inject('adminDatabaseUrl'), TEST_DATABASE_PREFIX: inject('databasePrefix') };
  const { green, said } = runGate(folder, [...script('migrations.ts'), join(folder, 'migrations')], env);
  expect(said).toMatch(says);
  expect(green).toBe(false);
});
