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
  'malformed-request': {
    meaning: 'The request line or a header breaks the rules of HTTP, for example by a line break inside a value.',
    remedy: 'Let an HTTP library write the request.',
  },
  'invalid-header': {
    meaning: 'A header that the route reads has a value outside what it takes.',
    remedy: 'Read the detail: it names the header and its limits.',
  },
  unauthenticated: {
    meaning: 'The route needs to know who calls, and there is no valid token or session with the request.',
    remedy: 'Sign in and send the token as Authorization: Bearer. Anonymous visitors chat through POST /api/chat.',
  },
  'widget-key-invalid': {
    meaning: 'X-Widget-Key is missing, or holds a key that is unknown, revoked or past its end.',
    remedy: 'Copy a working key from the widget settings, or use the script tag that names your tenant.',
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
    meaning:
      'You are signed in, but your role, or your API key, does not include the permission that the problem names.',
    remedy: 'Ask an owner of your team for a role, or make a key, that has it.',
  },
  'wrong-password': {
    meaning: 'A new password needs the current one, and that was wrong. Wrong ones are counted as at sign-in.',
    remedy: 'Check it, or have a mail sent that sets a new password without the old one.',
  },
  'csrf-failed': {
    meaning: 'A request signed in by cookie wanted to change something without proof that our own page sent it.',
    remedy:
      'Send X-CSRF-Token from login or GET /api/auth/me, from a page of this site. Programs use the token instead.',
  },
  'person-required': {
    meaning: 'An API key asked for something that belongs to a person, such as ending a session or a new password.',
    remedy: 'Sign in with e-mail and password. A key is revoked with DELETE /api/keys/{id}.',
  },
  'tenant-suspended': {
    meaning: 'The operator has suspended the tenant: all of it can still be read, nothing changed.',
    remedy: 'Ask the operator to lift the suspension.',
  },
  'origin-not-allowed': {
    meaning: 'A page of another origin called a route that is not open to it, or a widget call named no origin at all.',
    remedy: 'Pages of other sites use the widget; put their origin on the list (PUT /api/widget/origins).',
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
  'request-timeout': {
    meaning: 'The connection was open, but the headers or the body did not arrive whole in time.',
    remedy: 'Send the request again. Bodies may have 64 KiB, which takes no slow line long.',
  },
  conflict: {
    meaning: 'The request is well formed, but does not fit the state things are in now.',
    remedy: 'Read the current state, then decide again.',
  },
  'email-taken': {
    meaning: 'The e-mail address belongs to an account, and an address can have one.',
    remedy: 'Sign in with it, ask for a new password, or use another address.',
  },
  'seat-limit-reached': {
    meaning: 'Members and open invites fill the seats of the plan.',
    remedy: 'Remove somebody, take an invite back, or choose a larger plan.',
  },
  'last-owner': {
    meaning: 'Without this person nobody could let others in, so they can be neither removed nor given a lesser role.',
    remedy: 'Make a colleague owner first; at the operator: admin.',
  },
  'already-owned': {
    meaning:
      'A colleague took this conversation over, or was given it, and owner names them; or it is with Bob again (null).',
    remedy: 'Leave it to them, or have it assigned to you.',
  },
  'no-responder': {
    meaning:
      'Nobody would answer after this hand-back: the persona is archived, the business paused, or no credits left.',
    remedy: 'Keep the conversation until that is put right, or close it.',
  },
  'no-draft': {
    meaning: 'The persona has nothing that waits to be published: its live version is what was edited last.',
    remedy: 'Edit it with PATCH first. If a colleague published at the same moment, read its versions.',
  },
  'default-persona': {
    meaning: 'Conversations that name no persona begin under this one, so it cannot be archived.',
    remedy: 'Make another persona the default one with POST /api/personas/{id}/default, then archive this.',
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
  'link-ended': {
    meaning: 'The link of a mail was used before, is too old, was replaced by a later one, or never was.',
    remedy: 'Ask for a new one: at the sign-in page for a password, from your team for an invite.',
  },
  'session-closed': {
    meaning: 'The conversation was closed and takes no more messages.',
    remedy: 'Start a new conversation under a new session_id.',
  },
  'stale-draft': {
    meaning: 'If-Match named the content you had read, and somebody has saved other content since then.',
    remedy: 'Read the persona again, put your change on top of what it says now, and send its new ETag.',
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
  'headers-too-large': {
    meaning: 'The request line and the headers together are larger than 16 KiB.',
    remedy: 'Send fewer or shorter headers and cookies.',
  },
  internal: {
    meaning: 'Something failed that should not fail. Nothing more is told to callers.',
    remedy: 'Send the request again. If it keeps failing, give the operator the request_id.',
  },
  unavailable: {
    meaning: 'A part that the route needs cannot be reached at the moment, or has too much to do.',
    remedy: 'Send the same request again after the seconds in Retry-After; it changed nothing.',
  },
};
