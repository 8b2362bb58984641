/** Seeds over child processes, so that all cores work. A seed's result does not depend on who runs it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DrawOptions } from './plan.js';

/** What a child tells of a seed; plain enough for a pipe. */
export interface SeedReport {
  readonly seed: number;
  readonly live: boolean;
  readonly nodes: number;
  /** One line each, the first in time first. */
  readonly findings: readonly string[];
  /** Their predicates, each once. */
  readonly predicates: readonly string[];
  readonly end: number;
  readonly delivered: number;
  readonly configurations: number;
  /** A bug of the simulator, the core or membership: it threw. */
  readonly error?: string;
}

export interface Assignment {
  readonly seeds: readonly number[];
  readonly options: DrawOptions;
}

export interface JobSettings {
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  readonly options: DrawOptions;
  readonly onReport: (report: SeedReport) => void;
}

/** Seeds that a child gets at a time. */
const SEEDS_AT_ONCE = 8;
/** Seeds after which a child is replaced: memory of a long run stays bounded. */
const SEEDS_PER_CHILD = 2000;

/** Resolves when all seeds have been run. Rejects if a child dies. */
export async function runJobs(settings: JobSettings): Promise<void> {
  const end = settings.from + settings.count;
  let next = settings.from;
  const take = (): number[] => {
    const seeds: number[] = [];
    while (next < end && seeds.length < SEEDS_AT_ONCE) seeds.push(next++);
    return seeds;
  };
  const lanes = Array.from({ length: Math.min(settings.jobs, Math.ceil(settings.count / SEEDS_AT_ONCE)) }, async () => {
    while (next < end) await runChild(take, settings);
  });
  await Promise.all(lanes);
}

function runChild(take: () => number[], { options, onReport }: JobSettings): Promise<void> {
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    let given = 0;
    let waiting = 0;
    const feed = (): void => {
      const seeds = given >= SEEDS_PER_CHILD ? [] : take();
      given += seeds.length;
      waiting = seeds.length;
      if (seeds.length === 0) child.disconnect();
      else send(child, { seeds, options });
    };
    child.on('message', (report: SeedReport) => {
      onReport(report);
      waiting--;
      if (waiting === 0) feed();
    });
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      if (status === 0 && waiting === 0) resolve();
      else reject(new Error(`a simulating process ended with ${signal ?? status}, ${waiting} seeds short`));
    });
    feed();
  });
}

function send(child: ChildProcess, assignment: Assignment): void {
  child.send(assignment);
}
