/** Koa, ChatOpenAI and PostgreSQL in one handler. Killed in a turn, it forgets it; sent twice, it answers twice. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { bodyParser } from '@koa/bodyparser';
import { ChatOpenAI } from '@langchain/openai';
import Koa from 'koa';
import { Pool } from 'pg';
import { createDatabase } from './create-database.ts';

const PERSONA = 'You are a helpful assistant. Answer in the language of the question, briefly and politely.';
const POOL_SIZE = 20;

const databaseUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/bench_naive';
await createDatabase(databaseUrl);
const pool = new Pool({ connectionString: databaseUrl, max: POOL_SIZE, application_name: 'bench-naive' });
const model = new ChatOpenAI({
  model: process.env['MODEL'] ?? 'stub-0-0-8',
  apiKey: process.env['OPENAI_API_KEY'] ?? 'stub',
  maxRetries: 0,
  configuration: { baseURL: process.env['OPENAI_BASE_URL'] },
});

const app = new Koa();
app.use(bodyParser());
app.use(async (ctx) => {
  if (ctx.method !== 'POST' || ctx.path !== '/api/chat') return;
  const { session_id: sessionId, message } = readBody(ctx.request.body);
  await pool.query('insert into sessions (id) values ($1) on conflict do nothing', [sessionId]);
  await pool.query(`insert into messages (session_id, role, content) values ($1, 'user', $2)`, [sessionId, message]);
  const history = await pool.query<{ role: string; content: string }>(
    'select role, content from messages where session_id = $1 order by id',
    [sessionId],
  );
  const said = history.rows.map(({ role, content }): [string, string] => [role, content]);
  const prompt: [string, string][] = [['system', PERSONA], ...said];
  const keep = async (reply: string): Promise<{ reply: string; session_id: string }> => {
    await pool.query(`insert into messages (session_id, role, content) values ($1, 'assistant', $2)`, [
      sessionId,
      reply,
    ]);
    return { reply, session_id: sessionId };
  };
  if (!ctx.get('accept').startsWith('text/event-stream')) {
    ctx.body = await keep((await model.invoke(prompt)).text);
    return;
  }
  ctx.type = 'text/event-stream';
  ctx.body = Readable.from(streamAnswer(prompt, keep));
});

async function* streamAnswer(prompt: [string, string][], keep: (reply: string) => Promise<object>) {
  let reply = '';
  for await (const { text } of await model.stream(prompt)) {
    reply += text;
    if (text !== '') yield eventOf('delta', { delta: text });
  }
  yield eventOf('done', await keep(reply));
}

function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : null;
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    void pool.end().then(() => process.exit(0));
  });
}

function readBody(body: unknown): { session_id: string; message: string } {
  const isObject = typeof body === 'object' && body !== null;
  if (!isObject || !('session_id' in body) || !('message' in body))
    throw new Error('session_id and message are needed.');
  return { session_id: String(body.session_id), message: String(body.message) };
}
