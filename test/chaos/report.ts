import type { StubStats } from '../../bench/stub/stub-log.ts';
import type { Operation } from './chat-client.ts';
import type { FaultRun, Scene, Victim } from './fault.ts';

export interface FaultReport {
  fault: string;
  seed: number;
  passed: boolean;
  turns: number;
  resends: number;
  unknownsSettled: number;
  modelCalls: number;
  repeatedCalls: number;
  /** From the first send of a message to its answer, the worst one. */
  longestGapS: number;
  /** The same of the messages that were waiting when the victim was hit, or came within the next seconds. */
  gapsS: Record<string, number>;
  figures: Record<string, number>;
  violations: readonly string[];
}

const AFTER_HIT_MS = 5000;

interface Ended {
  scene: Scene;
  run: FaultRun;
  unknownsSettled: number;
  before: StubStats;
}

export function reportOf({ scene, run, unknownsSettled, before }: Ended): FaultReport {
  const { operations } = scene.client;
  const after = scene.product.stub.stats();
  const answered = operations.filter((each) => each.state === 'ok');
  return {
    fault: run.fault.id,
    seed: run.seed,
    passed: scene.violations.length === 0,
    turns: answered.length,
    resends: operations.reduce((sum, each) => sum + each.statuses.length - 1, 0),
    unknownsSettled,
    modelCalls: after.calls - before.calls,
    repeatedCalls: after.repeatedMessages - before.repeatedMessages,
    longestGapS: longestOf(operations),
    gapsS: Object.fromEntries(scene.victims.map((victim) => [victim.name, longestOf(touched(operations, victim))])),
    figures: scene.figures,
    violations: scene.violations,
  };
}

function touched(operations: readonly Operation[], { atMs }: Victim): Operation[] {
  return operations.filter((each) => each.startedMs < atMs + AFTER_HIT_MS && each.endedMs > atMs);
}

function longestOf(operations: readonly Operation[]): number {
  const longestMs = operations.reduce((longest, each) => Math.max(longest, each.endedMs - each.startedMs), 0);
  return Math.round(longestMs / 10) / 100;
}

/** For people; the line of JSON before it is for programs. */
export function sentenceOf(report: FaultReport): string {
  const gaps = Object.entries(report.gapsS).map(([victim, gap]) => `${victim} ${gap} s`);
  const own = Object.entries(report.figures).map(([name, figure]) => `${name} ${figure}`);
  const parts = [
    `${report.fault} seed ${report.seed}: ${report.passed ? 'passed' : 'BROKEN'}`,
    `${report.turns} turns, ${report.resends} re-sends, ${report.unknownsSettled} unknowns settled`,
    `${report.modelCalls} model calls, ${report.repeatedCalls} repeated`,
    `longest gap ${report.longestGapS} s${gaps.length > 0 ? ` (${gaps.join(', ')})` : ''}`,
    ...own,
  ];
  return parts.join('; ');
}
