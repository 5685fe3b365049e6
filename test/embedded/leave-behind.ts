import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPTS = {
  postgres: `import { startPostgres as start } from '#platform/embedded/postgres.ts';`,
  temporal: `import { startTemporal as start } from '#platform/embedded/temporal.ts';`,
};

/** Starts a part from a process that is then killed with -9. Returns the part's process, which lives on. */
export async function leaveBehind(part: keyof typeof SCRIPTS, dataDir: string): Promise<number> {
  const script = `${SCRIPTS[part]}
    const part = await start({ dataDir: ${JSON.stringify(dataDir)}, log: () => undefined });
    process.stdout.write(String(part.pid), () => process.kill(process.pid, 'SIGKILL'));`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(parent, 'close');
  if (printed === '') throw new Error(`no ${part} was left behind`);
  return Number(printed);
}
