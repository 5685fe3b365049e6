import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { readProcessEnv } from '#platform/env.ts';

import { CannotShow, DemoClient } from './demo/demo-client.ts';
import { openDemoScreen } from './demo/demo-screen.ts';
import { runDemo } from './demo/run-demo.ts';

// Plays one conversation against the Bob that runs here (npm start), or at --url, and shows what it left behind.
const { values } = parseArgs({ options: { url: { type: 'string' } } });
const env = readProcessEnv();
const stopping = new AbortController();
// Ctrl-C ends the next wait, so that the endpoint of the demo is removed all the same.
process.once('SIGINT', () => stopping.abort(new CannotShow('Stopped.')));
const screen = openDemoScreen({
  write: (text) => process.stdout.write(text),
  pause: async (ms) => {
    stopping.signal.throwIfAborted();
    await sleep(ms);
  },
  fail: (sentence) => new CannotShow(sentence),
});

try {
  const url = values.url ?? `http://127.0.0.1:${env.PORT}`;
  process.stdout.write(`Bob, demonstrated at ${url}\n`);
  await runDemo(new DemoClient(url), screen, env);
} catch (error) {
  process.stderr.write(`\n${error instanceof CannotShow ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
