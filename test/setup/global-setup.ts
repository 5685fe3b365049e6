import type { TestProject } from 'vitest/node';

import { startServers, type TestServers } from './servers.ts';
import { createMigrated } from './template.ts';
import { type BuiltBundle, buildWorkflowBundle } from './workflow-bundle.ts';

/** What the tests receive; vitest serializes it into every test process. */
declare module 'vitest' {
  interface ProvidedContext {
    /** A role that may create databases. */
    adminDatabaseUrl: string;
    /** A migrated, empty database that freshDatabase() clones. */
    templateDatabase: string;
    /** Starts the name of every database of this run, so that the tear-down finds them all. */
    databasePrefix: string;
    /** Empty where no project of the run needs a Temporal server. */
    temporalAddress: string;
    /** A file with the bundled workflows, built once and read by every worker; empty like the address. */
    workflowBundlePath: string;
  }
}

interface SharedSetup {
  servers: TestServers;
  templateDatabase: string;
  bundle: BuiltBundle | null;
  users: number;
}

// Each project loads this file anew, all in one process: what they share hangs on the process.
const holder = globalThis as typeof globalThis & { bobTestSetup?: Promise<SharedSetup> | undefined };

/** Servers, the migrated template and the workflow bundle: once per run, for the projects that need them. */
export async function setup(project: TestProject): Promise<void> {
  holder.bobTestSetup ??= start(project.vitest.projects.some((one) => one.name === 'journeys'));
  const shared = await holder.bobTestSetup;
  shared.users += 1;
  project.provide('adminDatabaseUrl', shared.servers.adminUrl);
  project.provide('templateDatabase', shared.templateDatabase);
  project.provide('databasePrefix', shared.servers.databasePrefix);
  project.provide('temporalAddress', shared.servers.temporalAddress);
  project.provide('workflowBundlePath', shared.bundle?.path ?? '');
}

export async function teardown(): Promise<void> {
  const shared = await holder.bobTestSetup;
  if (shared === undefined) return;
  shared.users -= 1;
  if (shared.users > 0) return;
  holder.bobTestSetup = undefined;
  await shared.bundle?.remove();
  await shared.servers.stop();
}

async function start(journeys: boolean): Promise<SharedSetup> {
  const servers = await startServers({ temporal: journeys });
  try {
    const templateDatabase = `${servers.databasePrefix}_template`;
    await createMigrated({ adminUrl: servers.adminUrl, name: templateDatabase });
    const bundle = journeys ? await buildWorkflowBundle() : null;
    return { servers, templateDatabase, bundle, users: 0 };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}
