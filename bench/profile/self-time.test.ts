import { expect, test } from 'vitest';
import { areaOf, selfTime } from './self-time.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });

test('own time is counted per area, and waiting is nobody’s', () => {
  const nodes = [
    { id: 1, callFrame: frame('parse', 'file:///bob/node_modules/@temporalio/client/lib/client.js') },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('accept', 'file:///bob/api/chat/accept-chat.ts') },
  ];
  const times = selfTime({ nodes, samples: [1, 2, 3, 1], timeDeltas: [0, 1000, 5000, 2000] }, '/bob');
  expect([...times]).toEqual(
    [
      ['bob api', 2],
      ['@temporalio/client', 1],
      ['(unknown)', 0],
    ].filter(([name]) => name !== '(unknown)'),
  );
});

test('an area is a package, a folder of ours, a part of Node or what V8 does', () => {
  expect(areaOf(frame('query', '/bob/node_modules/pg/lib/client.js'), '/bob')).toBe('pg');
  expect(areaOf(frame('emit', 'node:events'), '/bob')).toBe('node:events');
  expect(areaOf(frame('writeGeneric', 'node:internal/stream_base_commons'), '/bob')).toBe('node:stream_base_commons');
  expect(areaOf(frame('writev'), '/bob')).toBe('native writev');
  expect(areaOf(frame('(garbage collector)'), '/bob')).toBe('(garbage collector)');
  expect(areaOf(frame('chatSession', 'workflow-bundle-1.js'), '/bob')).toBe('workflow bundle');
});
