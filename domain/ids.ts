/** The bare UUID of a tenant, on the wire and in every key. */
export type TenantId = `${string}-${string}-${string}-${string}-${string}`;
export type SessionId = `ses_${string}`;
export type TurnId = `trn_${string}`;
export type MessageId = `msg_${string}`;
export type EventId = `evt_${string}`;
export type PersonaId = `per_${string}`;
export type PersonaVersionId = `pvr_${string}`;
export type SourceId = `src_${string}`;
export type EndpointId = `whk_${string}`;
export type UserId = `usr_${string}`;
export type HandoffId = `hof_${string}`;
export type ApiKeyId = `key_${string}`;
export type InviteId = `inv_${string}`;
export type WidgetKeyId = `wky_${string}`;

/** One prefix per kind of thing, so that an id in a log line says what it names. */
export type IdPrefix =
  | 'ses'
  | 'trn'
  | 'msg'
  | 'evt'
  | 'per'
  | 'pvr'
  | 'src'
  | 'srv'
  | 'whk'
  | 'whs'
  | 'usr'
  | 'ath'
  | 'adt'
  | 'grt'
  | 'dlv'
  | 'hof'
  | 'att'
  | 'key'
  | 'inv'
  | 'wky';

const HEX_32 = /^[0-9a-f]{32}$/;

/** The wire form of a UUID: `trn_` and 32 hex digits. */
export function toId<P extends IdPrefix>(prefix: P, uuid: string): `${P}_${string}` {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}

/** The column form of an id. Only for ids that `isId` accepted or the product made itself. */
export function toUuid(id: `${IdPrefix}_${string}`): string {
  const hex = id.slice(id.indexOf('_') + 1);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Whether a text from outside is an id of this kind; asked before any query, so that a bad id is a 404 and no 500. */
export function isId<P extends IdPrefix>(prefix: P, text: string): text is `${P}_${string}` {
  return text.startsWith(`${prefix}_`) && HEX_32.test(text.slice(prefix.length + 1));
}

/** Whether a text from outside has the form of a tenant's id. */
export function isTenantId(text: string): text is TenantId {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
