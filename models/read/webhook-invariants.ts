/** What must hold over all tenants at rest; each statement gives the rows that break it, at most ten. */
export const WEBHOOK_INVARIANTS: readonly { id: string; says: string; sql: string }[] = [
  {
    id: 'E1',
    says: 'each event has one delivery at each endpoint that wanted it',
    // An endpoint made, changed or removed around the commit may have missed it: only settled ones are judged.
    sql: `
      select e.tenant_id, e.no, w.id as endpoint_id from webhook_event e
      join webhook_endpoint w on w.tenant_id = e.tenant_id and w.deleted_at is null and not e.test
        and w.created_at < e.created_at - interval '1 minute'
        and (w.event_types is null or e.type = any (w.event_types))
      where not exists (select from webhook_delivery d
        where d.tenant_id = e.tenant_id and d.event_no = e.no and d.endpoint_id = w.id) limit 10`,
  },
  {
    id: 'E2',
    says: 'delivered means exactly: a counted attempt was answered 2xx',
    sql: `
      select d.tenant_id, d.id, d.state from webhook_delivery d
      where (d.state = 'delivered') <> exists (select from webhook_attempt a
        where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.counted
          and a.http_status between 200 and 299) limit 10`,
  },
  {
    id: 'E3',
    says: 'attempts counts the counted attempts',
    sql: `
      select d.tenant_id, d.id, d.attempts from webhook_delivery d
      where d.attempts <> (select count(*) from webhook_attempt a
        where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.counted) limit 10`,
  },
  {
    id: 'E4',
    says: 'no lease is older than its end and a minute',
    sql: `
      select d.tenant_id, d.id, d.lease_until from webhook_delivery d
      where d.state = 'leased' and d.lease_until < now() - interval '60 seconds' limit 10`,
  },
  {
    id: 'E5',
    says: 'only a cancelled delivery ends without an attempt',
    sql: `
      select d.tenant_id, d.id, d.state from webhook_delivery d
      where d.state in ('delivered', 'exhausted') and d.attempts = 0 limit 10`,
  },
  {
    id: 'E6',
    says: 'every attempt of a delivery sent the stored bytes',
    sql: `
      select a.tenant_id, a.delivery_id, a.n from webhook_attempt a
      join webhook_delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
      join webhook_event e on e.tenant_id = d.tenant_id and e.no = d.event_no
      join webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and not w.include_content
      where a.body_sha256 <> encode(sha256(convert_to(e.body, 'UTF8')), 'hex') limit 10`,
  },
  {
    id: 'E7',
    says: 'first arrivals per endpoint and session come in seq order',
    // Attempts are numbered when they are recorded, in batches, so the start of the first success decides.
    sql: `
      select later.tenant_id, later.endpoint_id, later.session_id, later.seq from (
        select d.tenant_id, d.endpoint_id, d.session_id, d.seq, d.trigger,
          min(a.started_at) as arrived_at,
          lag(min(a.started_at + a.duration_ms * interval '1 millisecond')) over (
            partition by d.tenant_id, d.endpoint_id, d.session_id order by d.seq) as before_at
        from webhook_delivery d
        join webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and w.ordering = 'session'
        join webhook_attempt a on a.tenant_id = d.tenant_id and a.delivery_id = d.id
          and a.http_status between 200 and 299
        where d.session_id is not null and d.trigger = 'auto'
        group by d.tenant_id, d.endpoint_id, d.session_id, d.seq, d.trigger
      ) later
      -- Start and duration are rounded to the millisecond, each.
      where later.arrived_at < later.before_at - interval '5 milliseconds' limit 10`,
  },
  {
    id: 'E8',
    says: "a session's events run without a gap up to its event_seq",
    sql: `
      select s.tenant_id, s.id, s.event_seq from chat_session s
      left join lateral (
        select count(*) as kept, min(e.seq) as first, max(e.seq) as last from webhook_event e
        where e.tenant_id = s.tenant_id and e.session_id = s.id
      ) told on true
      where coalesce(told.last, 0) <> s.event_seq
        or told.kept <> coalesce(told.last - told.first + 1, 0) limit 10`,
  },
];
