import { startServers, type TestServers } from '../../test/setup/servers.ts';

/** The test servers of one run of the gates: started when first asked for, stopped at the end. */
export function openServers({ temporal }: { temporal: boolean }): {
  get(): Promise<TestServers>;
  close(): Promise<void>;
} {
  let started: Promise<TestServers> | null = null;
  return {
    get() {
      started ??= startServers({ temporal });
      return started;
    },
    async close() {
      const servers = await started?.catch(() => null);
      await servers?.stop();
    },
  };
}
