/** A thread of its own: the wires to the database run through the main one, and a flood must not hold those up. */
import { parentPort, workerData } from 'node:worker_threads';

import { flood, type FloodShape } from './open-loop.ts';

const nothingToHandOver: [] = [];
parentPort?.postMessage(await flood(workerData as FloodShape), nothingToHandOver);
