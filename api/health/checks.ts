import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';

import type { ComponentHealth } from '#contract/health.ts';
import { missingMigrations } from '#models/read/missing-migrations.ts';
import { webhookBacklog } from '#models/read/webhook-backlog.ts';
import type { Clock } from '#platform/clock.ts';
import type { Env } from '#platform/env.ts';

import { checkModel } from './check-model.ts';
import { checkTemporal, checkWorkers } from './check-temporal.ts';

export type HealthCheck = () => Promise<ComponentHealth>;

/** One check per component; each says what an operator can act on, and never an address or a secret. */
type HealthChecks = Record<'database' | 'migrations' | 'temporal' | 'workers' | 'model' | 'webhooks', HealthCheck>;

const BACKLOG_LATE_MS = 10 * 60_000;

export interface HealthDeps {
  knex: Knex;
  temporal: Client;
  clock: Clock;
  env: Pick<Env, 'OPENAI_API_KEY' | 'OPENAI_BASE_URL'>;
}

export function createHealthChecks({ knex, temporal, clock, env }: HealthDeps): HealthChecks {
  return {
    database: async () => {
      await knex.raw('select 1');
      return { state: 'ok' };
    },
    migrations: () => checkMigrations(knex),
    temporal: () => checkTemporal({ temporal, clock }),
    workers: () => checkWorkers({ temporal, clock }),
    model: checkModel({ apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL, clock }),
    webhooks: () => checkWebhooks({ knex, clock }),
  };
}

async function checkMigrations(knex: Knex): Promise<ComponentHealth> {
  const { missing, shipped } = await missingMigrations(knex);
  if (missing === 0) return { state: 'ok' };
  return { state: 'down', detail: `${missing} of ${shipped} migrations have not run: use bob migrate` };
}

async function checkWebhooks({ knex, clock }: { knex: Knex; clock: Clock }): Promise<ComponentHealth> {
  const at = clock.now();
  const { dueEndpoints, oldestDueAt } = await webhookBacklog(knex, at);
  const lateMs = oldestDueAt === null ? 0 : at.getTime() - oldestDueAt.getTime();
  const detail = `endpoints with due deliveries: ${dueEndpoints}, the oldest for ${Math.round(lateMs / 1000)} s`;
  return { state: lateMs > BACKLOG_LATE_MS ? 'degraded' : 'ok', detail };
}
