import { expect, test } from 'vitest';

import { createMetrics } from './metrics.ts';

test('requests are counted by method, route and status, and their durations add up in buckets', async () => {
  const metrics = createMetrics();
  const request = { method: 'GET', route: '/api/keys', status: 200, elapsedMs: 7 };
  metrics.countRequest(request);
  metrics.countRequest({ ...request, status: 403, elapsedMs: 60_000 });
  const lines = (await metrics.render()).split('\n');
  const labels = 'method="GET",route="/api/keys"';
  expect(lines).toContain(`bob_http_requests_total{${labels},status="200"} 1`);
  expect(lines).toContain(`bob_http_requests_total{${labels},status="403"} 1`);
  const bucketsOf = (limit: string) => `bob_http_request_duration_seconds_bucket{le="${limit}",${labels}}`;
  expect(lines).toContain(`${bucketsOf('0.005')} 0`);
  expect(lines).toContain(`${bucketsOf('0.01')} 1`);
  expect(lines).toContain(`${bucketsOf('30')} 1`);
  expect(lines).toContain(`${bucketsOf('+Inf')} 2`);
  expect(lines).toContain(`bob_http_request_duration_seconds_count{${labels}} 2`);
  expect(lines).toContain(`bob_http_request_duration_seconds_sum{${labels}} 60.007`);
});

test('a method that nobody knows makes no label of its own', async () => {
  const metrics = createMetrics();
  for (const method of ['BREW', 'PROPFIND']) {
    metrics.countRequest({ method, route: 'none', status: 405, elapsedMs: 1 });
  }
  expect(await metrics.render()).toContain('bob_http_requests_total{method="other",route="none",status="405"} 2');
});

test('every line is a comment or a sample, and a quote in a label is escaped', async () => {
  const metrics = createMetrics();
  metrics.countRequest({ method: 'GET', route: 'a"b\\c\nd', status: 200, elapsedMs: 1 });
  metrics.gauge({ name: 'bob_test', help: 'A test', read: () => 42 });
  const text = await metrics.render();
  expect(text.endsWith('\n')).toBe(true);
  const sample = /^[a-z][a-z_0-9]*(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? (\d[\d.e+-]*|Nan)$/;
  for (const line of text.split('\n').filter((each) => each !== ''))
    expect(line).toMatch(line.startsWith('#') ? /^# (HELP|TYPE) / : sample);
  expect(text).toContain('route="a\\"b\\\\c\\nd"');
  expect(text).toContain('# TYPE bob_test gauge\nbob_test 42\n');
});

test('two parts of one process count apart, and the process itself is told by both', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.countTurn('answered');
  one.countWebhookAttempt('success');
  const [told, toldByOther] = [await one.render(), await other.render()];
  for (const counted of ['bob_turns_total{outcome="answered"} 1', 'bob_webhook_attempts_total{result="success"} 1']) {
    expect(told).toContain(counted);
    expect(toldByOther).not.toContain(counted);
  }
  for (const text of [told, toldByOther])
    for (const figure of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'bob_event_loop_utilization'])
      expect(text).toMatch(new RegExp(`^${figure} \\d`, 'm'));
});
