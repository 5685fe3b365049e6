import { expect, test } from 'vitest';
import { freeLowPorts, freePort } from './free-ports.ts';

test('as many ports as asked for, no two the same, all of which a signed column holds', async () => {
  const ports = await freeLowPorts(9);
  expect(ports.every((port) => port >= 10_000 && port < 32_768)).toBe(true);
  expect(new Set(ports).size).toBe(9);
});

test('any free port', async () => {
  expect(await freePort()).toBeGreaterThan(0);
});
