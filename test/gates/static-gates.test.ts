import { afterEach, expect, it } from 'vitest';

import { COMMANDS, PLANTED } from './planted-faults.ts';
import { runGate } from './run-gate.ts';
import { plantTree, type Tree } from './sound-tree.ts';

const trees: Tree[] = [];

function plant(files?: Readonly<Record<string, string>>): string {
  const tree = plantTree(files);
  trees.push(tree);
  return tree.folder;
}

afterEach(() => {
  for (const tree of trees.splice(0)) tree.remove();
});

it.each(Object.entries(COMMANDS))('a sound tree passes %s', (_gate, command) => {
  expect(runGate(plant(), command)).toMatchObject({ green: true });
});

it.each(PLANTED)('$gate refuses $fault', ({ gate, files, says }) => {
  const { green, said } = runGate(plant(files), COMMANDS[gate] ?? []);
  expect(said).toMatch(says);
  expect(green).toBe(false);
});
