/** Every problem the API can answer with. The slug is the end of its `type`, and of the page that explains it. */
export const PROBLEMS = {
  'malformed-body': { status: 400, title: 'The body is not valid JSON' },
  'malformed-url': { status: 400, title: 'The address cannot be decoded' },
  'malformed-request': { status: 400, title: 'The request is not valid HTTP' },
  'invalid-header': { status: 400, title: 'A request header has a wrong value' },
  unauthenticated: { status: 401, title: 'Sign-in is required' },
  'widget-key-invalid': { status: 401, title: 'This widget key does not work' },
  'invalid-credentials': { status: 401, title: 'E-mail address or password is wrong' },
  'credits-exhausted': { status: 402, title: 'No credits left' },
  forbidden: { status: 403, title: 'Permission is missing' },
  'wrong-password': { status: 403, title: 'The current password is wrong' },
  'csrf-failed': { status: 403, title: 'The request did not prove where it comes from' },
  'person-required': { status: 403, title: 'Only a person may do this' },
  'tenant-suspended': { status: 403, title: 'This tenant is suspended' },
  'origin-not-allowed': { status: 403, title: 'This origin may not call this route' },
  'not-found': { status: 404, title: 'Nothing is here' },
  'business-not-found': { status: 404, title: 'No such business' },
  'method-not-allowed': { status: 405, title: 'This route does not take this method' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The request does not fit the current state' },
  'email-taken': { status: 409, title: 'This e-mail address has an account' },
  'seat-limit-reached': { status: 409, title: 'The plan has no free seat' },
  'last-owner': { status: 409, title: 'A team keeps at least one owner' },
  'already-owned': { status: 409, title: 'Somebody else is in charge of this conversation' },
  'no-responder': { status: 409, title: 'Bob cannot answer in this conversation' },
  'no-draft': { status: 409, title: 'There is no draft to publish' },
  'default-persona': { status: 409, title: 'The default persona cannot be archived' },
  'idempotency-running': { status: 409, title: 'The first request with this key is still running' },
  'session-proof-required': { status: 409, title: 'This conversation needs its session token' },
  'webhook-endpoint-limit': { status: 409, title: 'No more webhook endpoints can be added' },
  'link-ended': { status: 410, title: 'This link no longer works' },
  'session-closed': { status: 410, title: 'This conversation is closed' },
  'stale-draft': { status: 412, title: 'The persona has changed since you read it' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'invalid-body': { status: 422, title: 'Fields of the body are wrong' },
  'invalid-query': { status: 422, title: 'Query parameters are wrong' },
  'idempotency-mismatch': { status: 422, title: 'This key was used with another body' },
  'webhook-url-refused': { status: 422, title: 'This webhook address cannot be used' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'session-busy': { status: 429, title: 'Too many messages are waiting in this conversation' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something broke on our side' },
  unavailable: { status: 503, title: 'The service is not available at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemSlug = keyof typeof PROBLEMS;

/** One fault of one field. `pointer` is a JSON Pointer into the body, or the name of a query parameter. */
export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}

export interface ProblemFacts {
  detail: string;
  extensions?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** What a handler throws when the answer is an error that the caller should understand. */
export class Problem extends Error {
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(slug: ProblemSlug, { detail, extensions = {}, headers = {}, cause }: ProblemFacts) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'Problem';
    this.slug = slug;
    this.status = PROBLEMS[slug].status;
    this.extensions = extensions;
    this.headers = headers;
  }
}
