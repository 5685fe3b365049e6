import type { ProblemSlug } from '#contract/problems.ts';

/** What the page of a problem says: when it happens, and what the caller can do. */
export interface ProblemPage {
  meaning: string;
  remedy: string;
}

export const PROBLEM_PAGES: Readonly<Record<ProblemSlug, ProblemPage>> = {
  'malformed-body': {
    meaning: 'The body could not be read as one JSON object, or one object in it holds the same key twice.',
    remedy: 'Send one JSON object in UTF-8, each key once.',
  },
  'malformed-url': {
    meaning: 'The path or the query holds percent-encoding that does not decode to text.',
    remedy: 'Encode each part of the address as UTF-8, for example with encodeURIComponent.',
  },
  'invalid-header': {
    meaning: 'A header that the route reads has a value outside what it takes.',
    remedy: 'Read the detail: it names the header and its limits.',
  },
  unauthenticated: {
    meaning: 'The route needs to know who calls, and there is no valid token or session with the request.',
    remedy: 'Sign in and send the token as Authorization: Bearer. Anonymous visitors chat through POST /api/chat.',
  },
  'invalid-credentials': {
    meaning: 'No account of this realm has this e-mail address with this password.',
    remedy: 'Check both, and the address of the request: operator staff and customers sign in at different routes.',
  },
  'credits-exhausted': {
    meaning: 'The plan has no credits left for another answer.',
    remedy: 'Wait for the next period, change the plan, or top up.',
  },
  forbidden: {
    meaning: 'You are signed in, but your role does not include the permission that the problem names.',
    remedy: 'Ask an owner of your team for a role that has it.',
  },
  'csrf-failed': {
    meaning: 'A request signed in by cookie wanted to change something without proof that our own page sent it.',
    remedy:
      'Send X-CSRF-Token from login or GET /api/auth/me, from a page of this site. Programs use the token instead.',
  },
  'origin-not-allowed': {
    meaning: 'A page of another origin called a route that is not open to it.',
    remedy: 'Use the widget for pages of other sites, and put their origin on the allow-list.',
  },
  'not-found': {
    meaning: 'There is no such route, or nothing of your tenant has this id.',
    remedy: 'Check the address and the id.',
  },
  'business-not-found': {
    meaning: 'No business with this business_id takes anonymous chats here.',
    remedy: 'Leave business_id out for the operator itself, or ask the business whether public chat is switched on.',
  },
  'method-not-allowed': {
    meaning: 'The path exists, but not with this method.',
    remedy: 'Use one of the methods in the Allow header.',
  },
  conflict: {
    meaning: 'The request is well formed, but does not fit the state things are in now.',
    remedy: 'Read the current state, then decide again.',
  },
  'already-owned': {
    meaning: 'A colleague took this conversation over, or was given it; owner names them.',
    remedy: 'Leave it to them, or have it assigned to you.',
  },
  'no-responder': {
    meaning:
      'Nobody would answer after this hand-back: the persona is archived, the business paused, or no credits left.',
    remedy: 'Keep the conversation until that is put right, or close it.',
  },
  'idempotency-running': {
    meaning: 'A request with this Idempotency-Key has arrived before and is still being worked on.',
    remedy: 'Send the same request again after the time in Retry-After; you will get the first answer.',
  },
  'session-proof-required': {
    meaning: 'The session_id is short enough to be guessed, so the conversation continues only with its token.',
    remedy: 'Send X-Session-Token from the first answer, or use session ids of at least 22 random characters.',
  },
  'webhook-endpoint-limit': {
    meaning: 'The tenant has as many webhook endpoints as it may have.',
    remedy: 'Remove an endpoint that is no longer used.',
  },
  'session-closed': {
    meaning: 'The conversation was closed and takes no more messages.',
    remedy: 'Start a new conversation under a new session_id.',
  },
  'body-too-large': {
    meaning: 'The body is larger than the route takes; JSON bodies may have 64 KiB.',
    remedy: 'Send less in one request.',
  },
  'unsupported-media-type': {
    meaning: 'The body came without Content-Type: application/json, or in an encoding the route does not read.',
    remedy: 'Send JSON in UTF-8 with Content-Type: application/json.',
  },
  'invalid-body': {
    meaning: 'Some fields of the body are missing, unknown, or have values outside their limits.',
    remedy: 'The errors list names every such field by its JSON Pointer and says what was expected.',
  },
  'invalid-query': {
    meaning: 'Some query parameters are missing or have values outside their limits.',
    remedy: 'The errors list names every such parameter and says what was expected.',
  },
  'idempotency-mismatch': {
    meaning: 'This Idempotency-Key was used before for a request with other contents.',
    remedy: 'Use a new key for each new request, and the old one only to repeat the same request.',
  },
  'webhook-url-refused': {
    meaning: 'Webhooks are not sent to this address: it is not a public https address, or it names a private network.',
    remedy: 'Use a public https address. The operator can allow networks of its own.',
  },
  'rate-limited': {
    meaning: 'Too many requests, or too many wrong passwords, came in a short time.',
    remedy: 'Wait for the seconds in Retry-After.',
  },
  'session-busy': {
    meaning: 'More than four messages of this conversation already wait for their answers.',
    remedy: 'Wait for the seconds in Retry-After, then send the message again.',
  },
  internal: {
    meaning: 'Something failed that should not fail. Nothing more is told to callers.',
    remedy: 'Send the request again. If it keeps failing, give the operator the request_id.',
  },
  unavailable: {
    meaning: 'A part that the route needs cannot be reached at the moment.',
    remedy: 'Send the same request again after the seconds in Retry-After; it changed nothing.',
  },
};
