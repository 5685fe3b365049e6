import { runCommand } from './run-command.ts';

const FREE = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
];
const PRODUCTION = [...FREE, 'CC-BY-4.0', 'Public Domain', 'Apache-2.0 AND MIT'];
// Tools that judge or build the project and are not shipped with it.
const DEVELOPMENT = [...PRODUCTION, 'MPL-2.0', '(Apache-2.0 OR MIT)', 'CC0-1.0', 'CC-BY-3.0', '(MIT AND CC-BY-3.0)'];

async function check({ allowed, scope }: { allowed: readonly string[]; scope: readonly string[] }): Promise<boolean> {
  const args = [...scope, '--excludePrivatePackages', '--summary', '--onlyAllow', allowed.join(';')];
  const { ok, output } = await runCommand({ file: 'license-checker-rseidelsohn', args });
  if (!ok) process.stdout.write(output);
  return ok;
}

const production = await check({ allowed: PRODUCTION, scope: ['--production'] });
const development = await check({ allowed: DEVELOPMENT, scope: [] });
process.exitCode = production && development ? 0 : 1;
