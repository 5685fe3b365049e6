import type { Realm } from '#domain/permissions.ts';

/** The path says in which realm an e-mail address is looked up. */
export const PREFIX_OF: Readonly<Record<Realm, string>> = {
  operator: '/api/auth',
  tenant: '/api/customers/auth',
};
