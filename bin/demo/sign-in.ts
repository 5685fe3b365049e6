import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { LoggedIn } from '#contract/auth.ts';
import type { Env } from '#platform/env.ts';

import { CannotShow, type DemoClient } from './demo-client.ts';
import type { DemoScreen } from './demo-screen.ts';

const EMAIL = 'customer@business.com';
const Logins = z.object({ BOB_DEMO_PASSWORD: z.string() });

/** As the owner of the tenant `demo`, with the password that `bob up` made up and keeps. */
export async function signIn(client: DemoClient, screen: DemoScreen, env: Env): Promise<void> {
  screen.heading('Sign in', 'POST /api/customers/auth/login');
  const password = env.BOB_DEMO_PASSWORD ?? (await keptPassword(env.BOB_DATA_DIR));
  const body = { email: EMAIL, password };
  const { token, user, tenant } = await client.read(LoggedIn, '/api/customers/auth/login', { method: 'POST', body });
  client.signIn(token);
  screen.fact('user', `${user.email}, ${user.role} of ${tenant.name} (business_id ${tenant.business_id})`);
  screen.fact('tenant', `${tenant.id}, plan ${tenant.plan ?? 'none'}`);
}

async function keptPassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'logins.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CannotShow(`${file} is missing: start Bob with npm start, or give BOB_DEMO_PASSWORD.`);
  });
  return Logins.parse(JSON.parse(text)).BOB_DEMO_PASSWORD;
}
