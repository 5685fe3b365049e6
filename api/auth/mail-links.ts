import type { Realm } from '#domain/permissions.ts';
import type { Env } from '#platform/env.ts';

export interface MailLinks {
  invite(token: string): string;
  newPassword(token: string, realm: Realm): string;
}

const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * Where mails lead. Never taken from the `Host` of a request: whoever asks for somebody's mail would choose the site
 * that gets its token. The token stands in the fragment, which browsers send to no server.
 */
export function createMailLinks(env: Pick<Env, 'PUBLIC_URL' | 'HOST' | 'PORT'>): MailLinks {
  const base = (env.PUBLIC_URL ?? listeningUrl(env)).replace(/\/+$/, '');
  return {
    invite: (token) => `${base}/portal/invite#token=${token}`,
    newPassword: (token, realm) => `${base}/portal/reset#realm=${realm}&token=${token}`,
  };
}

function listeningUrl({ HOST: host, PORT: port }: Pick<Env, 'HOST' | 'PORT'>): string {
  if (EVERYWHERE.has(host)) return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
