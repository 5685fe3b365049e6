/** What a scene has one of, or several, by the name under which calls ask for it. */
export const THINGS = [
  'sessions',
  'clientSessions',
  'visitorSessions',
  'widgetSessions',
  'visitorTokens',
  'widgetTokens',
  'visitorMessages',
  'widgetMessages',
  'turns',
  'personas',
  'versions',
  'endpoints',
  'webhookUrls',
  'deliveries',
  'widgetKeys',
  'publicKeys',
  'origins',
  'members',
  'invites',
  'apiKeys',
  'tenants',
  'business',
  'slugs',
  'passwords',
  'customers',
  'operators',
  'inviteTokens',
  'customerResets',
  'operatorResets',
] as const;
export type Thing = (typeof THINGS)[number];

/** Values that exist, so that calls reach further than a 404. */
export type Things = Readonly<Partial<Record<Thing, readonly string[]>>>;

interface Place {
  /** Of the path, as the document writes it. */
  path: RegExp;
  /** `path.id`, `query.after`, `header.Origin`, `body.token`. */
  parameters: Readonly<Record<string, Thing>>;
}

const VISITOR = { 'header.X-Session-Token': 'visitorTokens' } as const;
const WIDGET = { 'header.X-Session-Token': 'widgetTokens', 'header.Origin': 'origins' } as const;

/** Where each thing is asked for. One operation takes from every place that fits it. */
const PLACES: readonly Place[] = [
  { path: /^\/api\/sessions\/\{id\}/, parameters: { 'path.id': 'sessions', 'body.user_id': 'members' } },
  { path: /^\/api\/chat\/history\//, parameters: { 'path.session_id': 'clientSessions' } },
  { path: /^\/api\/chat\/(message|session)/, parameters: { 'body.session_id': 'clientSessions' } },
  { path: /^\/api\/chat\/session$/, parameters: { 'body.persona_id': 'personas', 'body.business_id': 'business' } },
  {
    path: /^\/api\/chat$/,
    parameters: { ...VISITOR, 'body.session_id': 'visitorSessions', 'body.business_id': 'slugs' },
  },
  {
    path: /^\/api\/chat\/(stop|feedback)$/,
    parameters: {
      ...VISITOR,
      'body.session_id': 'visitorSessions',
      'body.message_id': 'visitorMessages',
      'body.business_id': 'slugs',
    },
  },
  {
    path: /^\/api\/chat\/messages$/,
    parameters: { ...VISITOR, 'query.session_id': 'visitorSessions', 'query.business_id': 'slugs' },
  },
  { path: /^\/api\/widget\/chat\/messages$/, parameters: { ...WIDGET, 'query.session_id': 'widgetSessions' } },
  {
    path: /^\/api\/widget\/chat(\/(stop|feedback))?$/,
    parameters: { ...WIDGET, 'body.session_id': 'widgetSessions', 'body.message_id': 'widgetMessages' },
  },
  { path: /^\/api\/receipts\//, parameters: { 'path.turn_id': 'turns' } },
  {
    path: /^\/api\/personas\/\{id\}/,
    parameters: { 'path.id': 'personas', 'path.n': 'versions', 'path.m': 'versions' },
  },
  { path: /^\/api\/pricebook\/versions\//, parameters: { 'path.version': 'versions' } },
  { path: /^\/api\/webhooks\/endpoints/, parameters: { 'path.id': 'endpoints', 'body.url': 'webhookUrls' } },
  { path: /^\/api\/webhooks\/deliveries\//, parameters: { 'path.id': 'deliveries' } },
  { path: /^\/api\/widget\/keys\//, parameters: { 'path.id': 'widgetKeys' } },
  { path: /^\/widget\/\{tenant_id\}/, parameters: { 'path.tenant_id': 'tenants' } },
  { path: /^\/widget\/\{owner\}/, parameters: { 'path.owner': 'publicKeys' } },
  { path: /^\/api\/team\/\{id\}/, parameters: { 'path.id': 'members' } },
  { path: /^\/api\/team\/invites\//, parameters: { 'path.id': 'invites' } },
  { path: /^\/api\/keys\//, parameters: { 'path.id': 'apiKeys' } },
  { path: /^\/api\/admin\/tenants\//, parameters: { 'path.id': 'tenants' } },
  { path: /\/auth\/password$/, parameters: { 'body.current_password': 'passwords' } },
  { path: /^\/api\/auth\/login$/, parameters: { 'body.email': 'operators', 'body.password': 'passwords' } },
  { path: /^\/api\/customers\/auth\/login$/, parameters: { 'body.email': 'customers', 'body.password': 'passwords' } },
  { path: /^\/api\/auth\/password\/reset$/, parameters: { 'body.token': 'operatorResets' } },
  { path: /^\/api\/customers\/auth\/password\/reset$/, parameters: { 'body.token': 'customerResets' } },
  { path: /invites\/accept$/, parameters: { 'body.token': 'inviteTokens' } },
];

/** The values that one operation may use, by parameter. */
export function valuesFor(
  path: string,
  things: Things,
): { parameter: string; thing: Thing; values: readonly string[] }[] {
  const asked = PLACES.filter((place) => place.path.test(path)).flatMap((place) => Object.entries(place.parameters));
  return asked.flatMap(([parameter, thing]) => {
    const values = things[thing] ?? [];
    return values.length === 0 ? [] : [{ parameter, thing, values }];
  });
}
