import { CannotStart } from '#platform/embedded/cannot-start.ts';
import type { Env } from '#platform/env.ts';

const NEEDED = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'BOB_SECRET_KEYS'] as const;

export type ProcessEnv = Env & Record<(typeof NEEDED)[number], string>;

/** `bob api` and `bob worker` start nothing of their own, so they say at once what they were not given. */
export function requireForProcess(env: Env): ProcessEnv {
  const missing = NEEDED.filter((name) => env[name] === undefined);
  const { DATABASE_URL, TEMPORAL_ADDRESS, BOB_SECRET_KEYS } = env;
  if (DATABASE_URL === undefined || TEMPORAL_ADDRESS === undefined || BOB_SECRET_KEYS === undefined) {
    throw new CannotStart(
      `${missing.join(', ')}: needed here. \`npm start\` brings them along; docs/operate/configuration.md says more.`,
    );
  }
  return { ...env, DATABASE_URL, TEMPORAL_ADDRESS, BOB_SECRET_KEYS };
}
