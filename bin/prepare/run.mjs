import { spawn } from 'node:child_process';

/**
 * Runs a program to its end. Its lines go to `onLine` as they come, and the last of them into the error when it fails.
 * A program that cannot be started at all is a failure like any other.
 */
export function run(command, args, { cwd, env, onStart = () => {}, onLine = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', last: [] };
    const stopChild = () => child.kill('SIGTERM');
    process.once('SIGTERM', stopChild);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output.out += text;
    });
    splitLines(child.stderr, (line) => {
      output.last = [...output.last.slice(-19), line];
      onLine(line);
    });
    child.once('spawn', () => onStart(child.pid));
    child.once('error', (error) => reject(error));
    child.once('close', (code) => {
      process.removeListener('SIGTERM', stopChild);
      if (code === 0) resolve(output.out);
      else reject(new Error(`${command} ${args[0] ?? ''} failed (${code}):\n${output.last.join('\n')}`));
    });
  });
}

function splitLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
