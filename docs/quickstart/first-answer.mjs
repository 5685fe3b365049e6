// From sign-up to the first answers, over documented calls alone: node docs/quickstart/first-answer.mjs [address]
// Needs Node 20 or newer and nothing else. Every call is printed, so that it can be made by any other program.

const bob = process.argv[2] ?? 'http://127.0.0.1:3000';
const site = 'https://www.bakery.example';
const owner = { email: `owner-${crypto.randomUUID()}@example.com`, password: crypto.randomUUID() };

say('1. A business signs up: tenant, owner, persona, Starter plan with its credits, widget key');
const signedUp = await call('POST', '/api/customers/auth/signup', {
  body: { ...owner, business_name: 'The Bakery', language: 'en' },
});
const { tenant, persona } = signedUp;
const asOwner = { Authorization: `Bearer ${signedUp.token}` };
say(`   ${tenant.name} is ${tenant.id}, business_id ${tenant.business_id}, plan ${tenant.plan}`);

say('2. It says what its Bob knows, and publishes that');
const words = {
  name: 'Bob',
  description: 'The assistant of the bakery',
  tone: 'friendly and brief',
  systemPrompt: 'You are Bob, the AI assistant of the bakery. The bakery is open from 7:00 to 18:00 on weekdays.',
};
await call('PATCH', `/api/personas/${persona.id}`, { headers: asOwner, body: words });
const published = await call('POST', `/api/personas/${persona.id}/publish`, {
  headers: asOwner,
  body: { changelog: 'Opening hours' },
});
say(`   version ${published.number} is live`);

say('3. It lists the pages that may use its widget key');
await call('PUT', '/api/widget/origins', { headers: asOwner, body: { origins: [site] } });
const { snippets } = await call('GET', '/api/widget/install', { headers: asOwner });
say(`   to paste into them: ${snippets.canonical}`);

const question = 'When is the bakery open?';
say('4. A visitor of such a page asks');
show(
  await call('POST', '/api/widget/chat', {
    headers: { Origin: site, 'X-Widget-Key': signedUp.widget_key },
    body: { session_id: crypto.randomUUID(), message: question },
  }),
);

say('5. A visitor of a page of this server asks, once the business allows it');
await call('PATCH', '/api/tenant', { headers: asOwner, body: { public_chat: true } });
show(
  await call('POST', '/api/chat', {
    body: { session_id: crypto.randomUUID(), message: question, business_id: tenant.business_id },
  }),
);

say('6. A program that signs in asks, and reads along');
const answer = await stream('/api/chat/message', {
  headers: asOwner,
  body: { session_id: crypto.randomUUID(), message: question },
});
show(answer);

say('7. What that answer left behind');
const receipt = await call('GET', `/api/receipts/${answer.turn_id}`, { headers: asOwner });
say(`   receipt ${receipt.record_hash}: persona version ${receipt['gen_ai.agent.version']}, ${receipt.outcome}`);
const lines = await call('GET', `/api/usage/lines?turn_id=${answer.turn_id}`, { headers: asOwner });
for (const line of lines.data) say(`   line ${line.sku}: ${line.formula} = ${line.credits} credits`);
const balance = await call('GET', '/api/usage/balance', { headers: asOwner });
say(`   balance: ${balance.available} credits`);

/** One call, printed with its status; anything but success ends the script with the problem that came back. */
async function call(method, path, { headers = {}, body } = {}) {
  const response = await send(method, path, { headers, body });
  return response.json();
}

/** The same as a stream: the words are printed as they come, and `done` is the answer. */
async function stream(path, { headers, body }) {
  const response = await send('POST', path, { headers: { ...headers, Accept: 'text/event-stream' }, body });
  let rest = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + piece).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/m.exec(event) ?? [];
      if (name === 'delta') say(`   … ${JSON.parse(data).delta}`);
      if (name === 'done') return JSON.parse(data);
      if (name === 'error') fail(data);
    }
  }
  return fail('The stream ended before the answer.');
}

async function send(method, path, { headers, body }) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const response = await fetch(`${bob}${path}`, { method, headers: { ...type, ...headers }, ...sent }).catch((error) =>
    fail(`${bob} cannot be reached (${error.cause?.code ?? error.message}). Is Bob running? npm start`),
  );
  say(`   ${method} ${path} → ${response.status}`);
  return response.ok ? response : fail(await response.text());
}

function show({ reply, outcome, credits }) {
  const price = credits === undefined ? '' : `, ${credits.charged} credits`;
  say(`   Bob: ${reply} (${outcome}${price})`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
