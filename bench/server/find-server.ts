import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Program } from '../plan/program.ts';
import { runProgram } from './run-program.ts';

const MODULE = 'go.temporal.io/server';
const VERSION = '1.31.2';
const BUILD_TIMEOUT_MS = 1_200_000;

export interface ServerBinaries {
  server: string;
  sqlTool: string;
}

interface Finding {
  folder: string;
  started: Program[];
  tell: (line: string) => void;
}

/** The server as it is released, not the development server: built once, from the module proxy, and kept. */
export async function findServer({ folder, started, tell }: Finding): Promise<ServerBinaries> {
  const kept = join(homedir(), '.cache/bob', `temporal-server-${VERSION}`);
  if (!existsSync(kept)) {
    tell(`building Temporal server ${VERSION} with Go, once: about four minutes`);
    const unfinished = `${kept}.${process.pid}.new`;
    await mkdir(dirname(kept), { recursive: true });
    try {
      await runProgram(started, {
        command: 'nice',
        args: ['-n', '19', 'go', 'install', '-trimpath', '-ldflags', '-s -w', ...packages()],
        env: { GOBIN: unfinished, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: undefined },
        cwd: folder,
        logPath: join(folder, 'build.log'),
        timeoutMs: BUILD_TIMEOUT_MS,
      });
      await rename(unfinished, kept);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  return { server: join(kept, 'server'), sqlTool: join(kept, 'sql') };
}

function packages(): string[] {
  return ['cmd/server', 'cmd/tools/sql'].map((path) => `${MODULE}/${path}@v${VERSION}`);
}
