import { readFile } from 'node:fs/promises';

import { lockFaults, LockSchema } from './lock-faults.ts';

const lock = LockSchema.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
const faults = lockFaults(lock);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
