import { setTimeout as sleep } from 'node:timers/promises';
import { listOf, parseRecord, recordOf, stringOf } from '../wire/parse-record.ts';
import type { CpuProfile } from './self-time.ts';

export interface ThreadProfile {
  /** `main`, or the script that runs in it. */
  thread: string;
  profile: CpuProfile;
}

export interface Inspector {
  start(): Promise<void>;
  stop(): Promise<ThreadProfile[]>;
  close(): void;
}

type Answer = (record: Record<string, unknown>) => void;
type Send = (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>;

const CONNECT_TRIES = 50;
const ANSWER_TIMEOUT_MS = 60_000;
const SAMPLING_INTERVAL_US = 500;

/** Profiles a Node that listens with `--inspect` on this port: its main thread and the threads it has now. */
export async function openInspector(port: number): Promise<Inspector> {
  const socket = await connect(await debuggerUrl(port));
  const waiting = new Map<string, Answer>();
  const threads = new Map<string, string>();
  socket.addEventListener('message', ({ data }) => {
    const record = parseRecord(String(data));
    const params = recordOf(record['params']);
    const sessionId = stringOf(params['sessionId']);
    if (record['method'] === 'NodeWorker.attachedToWorker') {
      const { title, url } = recordOf(params['workerInfo']);
      threads.set(sessionId, stringOf(url) || stringOf(title));
    } else if (record['method'] === 'NodeWorker.receivedMessageFromWorker') {
      const answer = parseRecord(stringOf(params['message']));
      waiting.get(`${sessionId} ${Number(answer['id'])}`)?.(answer);
    } else waiting.get(` ${Number(record['id'])}`)?.(record);
  });
  const toMain = sendOver(waiting, '', (text) => socket.send(text));
  await toMain('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const targets = (): [string, Send][] => [
    ['main', toMain],
    ...[...threads].map(([sessionId, name]): [string, Send] => [
      name,
      sendOver(waiting, sessionId, (message) => void toMain('NodeWorker.sendMessageToWorker', { sessionId, message })),
    ]),
  ];
  return {
    async start() {
      for (const [, send] of targets()) {
        await send('Profiler.enable');
        await send('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
      }
      await Promise.all(targets().map(([, send]) => send('Profiler.start')));
    },
    stop: () =>
      Promise.all(
        targets().map(async ([thread, send]) => ({ thread, profile: profileOf(await send('Profiler.stop')) })),
      ),
    close: () => socket.close(),
  };
}

let lastId = 0;

function sendOver(waiting: Map<string, Answer>, sessionId: string, write: (text: string) => void): Send {
  return (method, params = {}) => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No answer to ${method}.`)), ANSWER_TIMEOUT_MS);
      waiting.set(`${sessionId} ${id}`, (answer) => {
        clearTimeout(timer);
        waiting.delete(`${sessionId} ${id}`);
        if (answer['error'] === undefined) resolve(recordOf(answer['result']));
        else reject(new Error(`${method}: ${JSON.stringify(answer['error'])}`));
      });
      write(JSON.stringify({ id, method, params }));
    });
  };
}

/** The inspector is another program's: what is no number or text there counts as none. */
function profileOf(result: Readonly<Record<string, unknown>>): CpuProfile {
  const profile = recordOf(result['profile']);
  const nodes = listOf(profile['nodes']).map((each) => {
    const { functionName, url } = recordOf(recordOf(each)['callFrame']);
    const callFrame = { functionName: stringOf(functionName), url: stringOf(url) };
    return { id: Number(recordOf(each)['id']), callFrame };
  });
  return {
    nodes,
    samples: listOf(profile['samples']).map(Number),
    timeDeltas: listOf(profile['timeDeltas']).map(Number),
  };
}

async function debuggerUrl(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const list: unknown = await response.json();
  return stringOf(recordOf(listOf(list)[0])['webSocketDebuggerUrl']);
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  for (let attempt = 0; attempt < CONNECT_TRIES && socket.readyState === WebSocket.CONNECTING; attempt += 1) {
    await sleep(100);
  }
  if (socket.readyState !== WebSocket.OPEN) throw new Error('The inspector of the product cannot be reached.');
  return socket;
}
