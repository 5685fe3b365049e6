import { z } from 'zod';

import { isKeyList } from './key-ring.ts';

const text = z.string().trim().min(1);
const url = (protocols: RegExp, what: string) => text.refine((value) => isUrl(value, protocols), `expected ${what}`);
const port = whole({ from: 0, to: 65_535, what: 'a port' });
const DAY_MS = 86_400_000;
const secretKeys = text.refine(isKeyList, 'expected id:base64 of 32 bytes, several separated by commas');
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Every variable the product reads; docs/operate/configuration.md describes each one, and a test compares. */
export const EnvSchema = z.object({
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  PUBLIC_URL: url(/^https?:$/, 'an http or https URL').optional(),
  BOB_DATA_DIR: text.default('.bob'),
  DATABASE_URL: url(/^postgres(ql)?:$/, 'postgres://user:password@host:port/database').optional(),
  DATABASE_OWNER_URL: url(/^postgres(ql)?:$/, 'postgres://user:password@host:port/database').optional(),
  TEMPORAL_ADDRESS: text.regex(/^[^\s/]+:\d+$/, 'expected host:port').optional(),
  TEMPORAL_NAMESPACE: text.default('bob'),
  TEMPORAL_API_KEY: text.optional(),
  TEMPORAL_TLS: flag.optional(),
  TEMPORAL_TLS_SERVER_NAME: text.optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: text.optional(),
  OPENAI_API_KEY: text.optional(),
  OPENAI_BASE_URL: url(/^https?:$/, 'an http or https URL').optional(),
  BOB_MODEL: text.optional(),
  BOB_MODEL_SKU: text
    .regex(/^(model:)?[\w.-]+\/[\w.:-]+$/, 'expected provider/model, as the pricebook names it')
    .optional(),
  BOB_OPERATOR_EMAIL: z.email('expected an e-mail address').default('admin@office16852.com'),
  BOB_OPERATOR_PASSWORD: z.string().min(8, 'expected at least 8 characters').optional(),
  BOB_DEMO_PASSWORD: z.string().min(8, 'expected at least 8 characters').optional(),
  BOB_SECRET_KEYS: secretKeys.optional(),
  WEBHOOK_ALLOW_HOSTS: z.string().optional(),
  WEBHOOK_ALLOW_CIDRS: z.string().optional(),
  SMTP_URL: url(/^smtps?:$/, 'smtp://host:port').optional(),
  MAIL_FROM: text.optional(),
  TRUSTED_PROXY_HOPS: whole({ from: 0, to: 10 }).default(0),
  METRICS_TOKEN: text.optional(),
  // The life of a session: what is not given is as `SESSION_SETTINGS` of the domain says.
  BOB_SESSION_IDLE_MS: whole({ from: 100, to: 30 * DAY_MS, what: 'milliseconds' }).optional(),
  BOB_SESSION_TURN_MAX: whole({ from: 1, to: 1000 }).optional(),
  BOB_SESSION_EVENT_MAX: whole({ from: 20, to: 10_000 }).optional(),
  // At most what a hold of credits outlives by a minute.
  BOB_TURN_TRY_MS: whole({ from: 100, to: 120_000, what: 'milliseconds' }).optional(),
  BOB_TURN_TIMEOUT_MS: whole({ from: 100, to: 120_000, what: 'milliseconds' }).optional(),
  BOB_WORKFLOW_TASK_TIMEOUT_MS: whole({ from: 1000, to: 60_000, what: 'milliseconds' }).optional(),
  BOB_TURN_SLOTS: whole({ from: 2, to: 5000 }).default(300),
  BOB_TURNS_AT_WORK: whole({ from: 1, to: 5000 }).default(64),
  BOB_DELIVERY_SLOTS: whole({ from: 1, to: 5000 }).default(200),
  BOB_CACHED_WORKFLOWS: whole({ from: 1, to: 20_000 }).default(300),
  BOB_STICKY_TIMEOUT_MS: whole({ from: 100, to: 60_000, what: 'milliseconds' }).default(2000),
  BOB_WORKFLOW_POLLERS_MAX: whole({ from: 5, to: 200 }).default(40),
  BOB_TURN_GRACE_MS: whole({ from: 100, to: 600_000, what: 'milliseconds' }).default(20_000),
  BOB_FAST_SANDBOX: flag.default(false),
  BOB_DATABASE_POOL: whole({ from: 4, to: 200, what: 'connections' }).default(20),
  BOB_WORKER_HEALTH_PORT: port.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});
export type Env = z.output<typeof EnvSchema>;

/** A wrong value stops the start: the sentence names the variable and what was expected, never the value. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/** Reads and checks the environment. An empty variable counts as not given, as shells and containers write it. */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = EnvSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigurationError(faults.join('\n'));
}

/** The process's own environment: the one place that reads it. Chat traces never leave, whatever the shell exports. */
export function readProcessEnv(): Env {
  for (const name of Object.keys(process.env)) {
    if (/^(LANGSMITH|LANGCHAIN)_/.test(name)) delete process.env[name];
  }
  return readEnv(process.env);
}

function whole({ from, to, what = 'a whole number' }: { from: number; to: number; what?: string }) {
  const expected = `expected ${what}, ${from} to ${to}`;
  return z.coerce.number(expected).int(expected).min(from, expected).max(to, expected);
}

function isUrl(value: string, protocols: RegExp): boolean {
  return URL.canParse(value) && protocols.test(new URL(value).protocol);
}
