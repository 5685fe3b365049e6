import type { Invariant } from './invariant.ts';

export const everyEventIsTold: Invariant = {
  id: 'I6',
  says: 'each event is told once to whom it concerns, in order, as it was written',
  subjects: { noun: 'events', sql: 'select count(*) from webhook_event' },
  checks: [
    {
      says: 'E1 each event has one delivery at each endpoint that wanted it',
      // An endpoint made around the commit may have missed the event: only older ones are judged.
      sql: `select e.tenant_id, e.no as event_no, w.id as endpoint_id from webhook_event e
        join webhook_endpoint w on w.tenant_id = e.tenant_id and w.deleted_at is null and not e.test
          and w.created_at < e.created_at - interval '1 minute'
          and (w.event_types is null or e.type = any (w.event_types))
        where 1 <> (select count(*) from webhook_delivery d
          where d.tenant_id = e.tenant_id and d.event_no = e.no and d.endpoint_id = w.id)`,
    },
    {
      says: 'E2 delivered means exactly: a counted attempt was answered 2xx',
      sql: `select d.tenant_id, d.id as delivery_id, d.state from webhook_delivery d
        where (d.state = 'delivered') <> exists (select from webhook_attempt a
          where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.counted
            and a.http_status between 200 and 299)`,
    },
    {
      says: 'E3 attempts counts the counted attempts',
      sql: `select d.tenant_id, d.id as delivery_id, d.attempts from webhook_delivery d
        where d.attempts <> (select count(*) from webhook_attempt a
          where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.counted)`,
    },
    {
      says: 'E4 no lease is older than its end and a minute',
      sql: `select d.tenant_id, d.id as delivery_id, d.lease_until from webhook_delivery d
        where d.state = 'leased' and d.lease_until < now() - interval '60 seconds'`,
    },
    {
      says: 'E5 only a cancelled delivery ends without an attempt',
      sql: `select d.tenant_id, d.id as delivery_id, d.state from webhook_delivery d
        where d.state in ('delivered', 'exhausted') and d.attempts = 0`,
    },
    {
      says: 'E6 every attempt of a delivery sent the stored bytes',
      sql: `select a.tenant_id, a.delivery_id, a.n from webhook_attempt a
        join webhook_delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
        join webhook_event e on e.tenant_id = d.tenant_id and e.no = d.event_no
        join webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and not w.include_content
        where a.body_sha256 <> encode(sha256(convert_to(e.body, 'UTF8')), 'hex')`,
    },
    {
      says: 'E7 first arrivals per endpoint and session come in seq order',
      // Start and duration are rounded to the millisecond, each: hence the five.
      sql: `select later.tenant_id, later.endpoint_id, later.session_id, later.seq from (
          select d.tenant_id, d.endpoint_id, d.session_id, d.seq, min(a.started_at) as arrived_at,
            lag(min(a.started_at + a.duration_ms * interval '1 millisecond')) over (
              partition by d.tenant_id, d.endpoint_id, d.session_id order by d.seq) as before_at
          from webhook_delivery d
          join webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and w.ordering = 'session'
          join webhook_attempt a on a.tenant_id = d.tenant_id and a.delivery_id = d.id
            and a.http_status between 200 and 299
          where d.session_id is not null and d.trigger = 'auto'
          group by d.tenant_id, d.endpoint_id, d.session_id, d.seq
        ) later
        where later.arrived_at < later.before_at - interval '5 milliseconds'`,
    },
    {
      says: "E8 a session's kept events run without a gap up to its event_seq",
      sql: `select s.tenant_id, s.id as session_id, s.event_seq, told.kept, told.first, told.last from chat_session s
        cross join lateral (
          select count(*) as kept, min(e.seq) as first, max(e.seq) as last from webhook_event e
          where e.tenant_id = s.tenant_id and e.session_id = s.id
        ) told
        where coalesce(told.last, 0) <> s.event_seq or told.kept <> coalesce(told.last - told.first + 1, 0)`,
    },
    {
      says: 'each ended turn was told as ended once, a given reply as sent once',
      sql: `select t.tenant_id, t.id as turn_id, t.outcome from turn t
        where t.state = 'closed' and (
          1 <> (select count(*) from webhook_event e where e.tenant_id = t.tenant_id and e.session_id = t.session_id
            and e.type in ('turn.completed', 'turn.failed')
            and e.dedupe_key = 'turn/trn_' || replace(t.id::text, '-', '') || '/ended')
          or exists (select from message m where m.tenant_id = t.tenant_id and m.session_id = t.session_id
            and m.seq = t.reply_seq and not exists (select from webhook_event e where e.tenant_id = t.tenant_id
              and e.dedupe_key = 'message/msg_' || replace(m.id::text, '-', '') || '/sent')))`,
    },
    {
      says: 'each delivery is delivered, exhausted, cancelled, or held by an endpoint that is not enabled',
      settledOnly: true,
      sql: `select d.tenant_id, d.id as delivery_id, d.endpoint_id, d.state, d.attempts, d.last_error
        from webhook_delivery d
        join webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and w.status = 'enabled'
        where d.state in ('pending', 'leased')`,
    },
  ],
};
