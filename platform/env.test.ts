import { describe, expect, it } from 'vitest';

import { ConfigurationError, EnvSchema, readEnv } from './env.ts';

function complaintOf(source: NodeJS.ProcessEnv): string {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

describe('a wrong value stops the start: the sentence names the variable, never the value', () => {
  it.each([
    ['PORT', 'marker'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PUBLIC_URL', 'marker'],
    ['PUBLIC_URL', 'ftp://marker.example'],
    ['DATABASE_URL', 'mysql://user:marker@host/db'],
    ['DATABASE_URL', 'host=marker'],
    ['DATABASE_OWNER_URL', 'https://marker'],
    ['TEMPORAL_ADDRESS', 'http://marker:7233'],
    ['TEMPORAL_ADDRESS', 'marker'],
    ['TEMPORAL_TLS', 'marker'],
    ['OPENAI_BASE_URL', 'marker'],
    ['BOB_MODEL_SKU', 'marker'],
    ['BOB_OPERATOR_EMAIL', 'marker'],
    ['BOB_OPERATOR_PASSWORD', 'marker'],
    ['BOB_DEMO_PASSWORD', 'marker'],
    ['SMTP_URL', 'https://marker'],
    ['TRUSTED_PROXY_HOPS', 'marker'],
    ['TRUSTED_PROXY_HOPS', '11'],
    ['LOG_LEVEL', 'marker'],
    ['HOST', '   '],
  ])('%s=%s', (name, value) => {
    const complaint = complaintOf({ [name]: value });
    expect(complaint).toMatch(new RegExp(`^${name}: \\S`));
    expect(complaint.slice(name.length)).not.toContain('marker');
  });
});

it('all faults are told at once', () => {
  const lines = complaintOf({ PORT: 'x', LOG_LEVEL: 'y', SMTP_URL: 'z' }).split('\n');
  expect(new Set(lines.map((line) => line.split(':', 1)[0]))).toEqual(new Set(['LOG_LEVEL', 'PORT', 'SMTP_URL']));
});

it('an empty variable is one that was not given, for every variable', () => {
  const empty = Object.fromEntries(Object.keys(EnvSchema.shape).map((name) => [name, '']));
  expect(readEnv(empty)).toEqual(readEnv({}));
});

it('without any variable Bob listens on loopback only', () => {
  expect(readEnv({})).toMatchObject({ HOST: '127.0.0.1', PORT: 3000, TRUSTED_PROXY_HOPS: 0, LOG_LEVEL: 'info' });
});

it('values are read as what they mean', () => {
  const env = readEnv({ PORT: '0', TEMPORAL_TLS: 'false', TRUSTED_PROXY_HOPS: '2', HOST: ' ::1 ', UNKNOWN: 'x' });
  expect(env).toMatchObject({ PORT: 0, TEMPORAL_TLS: false, TRUSTED_PROXY_HOPS: 2, HOST: '::1' });
  expect(env).not.toHaveProperty('UNKNOWN');
});
