#!/usr/bin/env node
// The launcher: plain JavaScript for Node 20, which hands over to a Node that runs the TypeScript as it stands.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEEP_AFTER_MS = 10_000;
const bin = dirname(fileURLToPath(import.meta.url));
const [name = '', ...rest] = process.argv.slice(2);
const commands = ['up', 'api', 'worker', 'migrate', 'demo', 'check-invariants', 'verify'].filter((command) =>
  existsSync(join(bin, `${command}.ts`)),
);

if (!commands.includes(name)) {
  process.stderr.write(`usage: bob <command>, one of: ${commands.join(', ')}\n`);
  process.exitCode = 2;
} else if (runsTypeScript(process.versions.node)) {
  process.argv.splice(2, 1);
  keepCompiled();
  await import(new URL(`${name}.ts`, import.meta.url).href);
} else {
  handOver(pinnedNode());
}

// From 24.18 on crypto.randomUUIDv7 is there, and so is everything older that we use.
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 18);
}

// Compiling is half of the time a start takes: who was killed is back sooner. Kept early: who is killed keeps nothing.
function keepCompiled() {
  module.enableCompileCache(join(bin, '..', 'dist', 'compiled'));
  setTimeout(() => module.flushCompileCache(), KEEP_AFTER_MS).unref();
}

function pinnedNode() {
  const system = { win32: 'win' }[process.platform] ?? process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(bin, '..', 'node_modules', `node-${system}-${process.arch}`, 'bin', file);
}

function handOver(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      `Bob needs Node 24.18 or newer; this is ${process.versions.node}, and no pinned one is here.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [join(bin, `${name}.ts`), ...rest], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}
