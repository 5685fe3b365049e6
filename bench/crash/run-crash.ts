import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { goalTable } from '../goals/goal-table.ts';
import { openConversation } from '../load/conversation.ts';
import { type LoadTarget, productTarget } from '../load/load-target.ts';
import { createJsonClient, type JsonClient } from '../load/send-json.ts';
import { type BenchRun, startModel, writeResult } from '../plan/bench-run.ts';
import { columns, show } from '../plan/columns.ts';
import { killQuietly } from '../plan/program.ts';
import { type Product, startProduct } from '../plan/start-product.ts';
import { tell } from '../plan/tell.ts';
import { longestGapSeconds } from './longest-gap.ts';

const VICTIMS = ['node', 'temporal', 'postgres', 'all'] as const;
type Victim = (typeof VICTIMS)[number];

interface Outcome {
  victim: Victim;
  sessions: number;
  exact: number;
  resends: number;
  gapSeconds: number | null;
  fault: string | null;
}

const SESSION_COUNT = 32;
const MESSAGE_COUNT = 11;
const BACK_AFTER_MS = 1000;
const PATIENCE_MS = 60_000;

/** Plan crash: who is killed in the middle of turns, what was lost, and for how long nobody was answered. */
export async function runCrash(run: BenchRun): Promise<boolean> {
  const { options } = run;
  const { user } = await startModel(run);
  const product = await startProduct(user);
  const target = productTarget({ url: product.url, businessId: options.business });
  const outcomes: Outcome[] = [];
  for (const victim of VICTIMS) {
    tell(`killing ${victim === 'node' ? 'api and worker (one process)' : victim}`);
    outcomes.push(await crash(product, { victim, target }));
  }
  tell(`\n${outcomeTable(outcomes)}`);
  const gapOf = (victim: Victim): number | null => outcomes.find((each) => each.victim === victim)?.gapSeconds ?? null;
  const goals = {
    R1: Math.min(...outcomes.map((each) => each.exact)),
    'R2 node': gapOf('node'),
    'R2 temporal': gapOf('temporal'),
    'R2 postgres': gapOf('postgres'),
  };
  tell(`\n${goalTable(goals)}`);
  await writeResult(run, { outcomes, goals });
  return outcomes.every((each) => each.exact === SESSION_COUNT);
}

async function crash(product: Product, { victim, target }: { victim: Victim; target: LoadTarget }): Promise<Outcome> {
  const client = createJsonClient();
  const answeredAtMs: number[] = [];
  const heard = (): void => void answeredAtMs.push(performance.now());
  try {
    const talks = Array.from({ length: SESSION_COUNT }, (_, index) =>
      talk({ client, target, heard, name: `${victim}-${index}` }),
    );
    // When a third of the answers is in, the rest of the sessions is in the middle of a turn.
    while (answeredAtMs.length < (SESSION_COUNT * MESSAGE_COUNT) / 3 && !(await isSettled(talks))) await sleep(20);
    const killedAtMs = performance.now();
    await killVictim(product, victim);
    const results = await Promise.all(talks);
    return {
      victim,
      sessions: SESSION_COUNT,
      exact: results.filter((each) => each.fault === null).length,
      resends: results.reduce((sum, each) => sum + each.resends, 0),
      gapSeconds: longestGapSeconds(killedAtMs, answeredAtMs),
      fault: results.find((each) => each.fault !== null)?.fault ?? null,
    };
  } finally {
    client.close();
  }
}

/** All messages of one session; each answer must tell that the model saw each message before it, once. */
async function talk(session: { client: JsonClient; target: LoadTarget; heard: () => void; name: string }) {
  const conversation = openConversation(session.client, session.target, session.name);
  let resends = 0;
  for (let message = 1; message <= MESSAGE_COUNT; message += 1) {
    const { fault, resendCount } = await conversation.say({ patienceMs: PATIENCE_MS });
    resends += resendCount;
    if (fault !== null) return { fault, resends };
    session.heard();
  }
  return { fault: null, resends };
}

async function isSettled(talks: readonly Promise<unknown>[]): Promise<boolean> {
  return Promise.race([Promise.all(talks).then(() => true), Promise.resolve(false)]);
}

/** `bob up` brings its servers back by itself; it itself is started again by us. */
async function killVictim(product: Product, victim: Victim): Promise<void> {
  const parts = await product.currentParts();
  const pids = victim === 'all' ? Object.values(parts) : [parts[victim]];
  for (const pid of pids) killQuietly(pid);
  if (victim === 'temporal' || victim === 'postgres') return;
  await sleep(BACK_AFTER_MS);
  product.startAgain();
}

function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ victim, sessions, exact, resends, gapSeconds }) => [
    victim,
    `${exact}/${sessions}`,
    String(resends),
    show(gapSeconds),
  ]);
  const faults = outcomes.flatMap(({ victim, fault }) => (fault === null ? [] : [`${victim}: ${fault}`]));
  return [...columns([['killed', 'exact', 're-sends', 'longest gap, s'], ...rows]), ...faults].join('\n');
}
