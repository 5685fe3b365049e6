import type { Env } from '#platform/env.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import type { Parts } from '#platform/embedded/start-parts.ts';
import { keepPassword, keepSecretKeys } from './keep-secrets.ts';

/** An environment in which nothing is missing any more; from here on `bob up` is an API and a worker like any other. */
export type CompleteEnv = Env & {
  DATABASE_URL: string;
  DATABASE_OWNER_URL: string;
  TEMPORAL_ADDRESS: string;
  BOB_SECRET_KEYS: string;
  BOB_OPERATOR_PASSWORD: string;
  BOB_DEMO_PASSWORD: string;
};

export function completeEnv(env: Env, parts: Parts): CompleteEnv {
  const dataDir = env.BOB_DATA_DIR;
  const passwordOf = (name: 'BOB_OPERATOR_PASSWORD' | 'BOB_DEMO_PASSWORD'): string =>
    keepPassword(dataDir, { name, given: env[name] });
  return {
    ...env,
    DATABASE_URL: parts.databaseUrl,
    DATABASE_OWNER_URL: parts.ownerUrl,
    TEMPORAL_ADDRESS: parts.temporalAddress,
    ...(parts.openaiBaseUrl === null ? {} : { OPENAI_BASE_URL: parts.openaiBaseUrl }),
    ...(parts.offline ? { BOB_MODEL: MODEL_NAME, BOB_MODEL_SKU: `model:bob/${MODEL_NAME}` } : {}),
    // Receivers of a machine of one's own; real use names its hosts, or none.
    WEBHOOK_ALLOW_HOSTS: env.WEBHOOK_ALLOW_HOSTS ?? '127.0.0.1,localhost',
    BOB_SECRET_KEYS: env.BOB_SECRET_KEYS ?? keepSecretKeys(dataDir),
    BOB_OPERATOR_PASSWORD: passwordOf('BOB_OPERATOR_PASSWORD'),
    BOB_DEMO_PASSWORD: passwordOf('BOB_DEMO_PASSWORD'),
  };
}
