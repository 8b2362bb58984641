/** Seeds over child processes, so that all cores work. A seed's result does not depend on who runs it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DrawOptions } from './plan.js';
import { failedReport, type SeedReport } from './seed-report.js';

export interface Assignment {
  readonly seeds: readonly number[];
  readonly options: DrawOptions;
}

/** From a child: it begins with a seed, or has finished it. */
export type FromChild = { readonly begins: number } | { readonly report: SeedReport };

export interface JobSettings {
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  readonly options: DrawOptions;
  readonly onReport: (report: SeedReport) => void;
  /** The module that a child runs. */
  readonly worker?: URL;
}

/** Seeds that a child gets at a time. */
const SEEDS_AT_ONCE = 8;
/** Seeds after which a child is replaced: memory of a long run stays bounded. */
const SEEDS_PER_CHILD = 2000;

/** Resolves when all seeds have been run. A child that dies is a report like any other. */
export async function runJobs(settings: JobSettings): Promise<void> {
  const end = settings.from + settings.count;
  let next = settings.from;
  const take = (): number[] => {
    const seeds: number[] = [];
    while (next < end && seeds.length < SEEDS_AT_ONCE) seeds.push(next++);
    return seeds;
  };
  const lanes = Array.from({ length: Math.min(settings.jobs, Math.ceil(settings.count / SEEDS_AT_ONCE)) }, async () => {
    let left: readonly number[] = [];
    while (left.length > 0 || next < end) left = await runChild(left, take, settings);
  });
  await Promise.all(lanes);
}

/** Resolves with the seeds that the child had been given and did not come to. */
function runChild(first: readonly number[], take: () => number[], settings: JobSettings): Promise<readonly number[]> {
  const { options, onReport, worker = new URL('./worker.js', import.meta.url) } = settings;
  const child = fork(fileURLToPath(worker), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    let given = 0;
    let current: number | undefined;
    let waiting = [...first];
    const feed = (): void => {
      if (waiting.length === 0 && given < SEEDS_PER_CHILD) waiting = take();
      given += waiting.length;
      if (waiting.length === 0) child.disconnect();
      else child.send({ seeds: waiting, options } satisfies Assignment);
    };
    child.on('message', (message: FromChild) => {
      if ('begins' in message) {
        current = message.begins;
        return;
      }
      onReport(message.report);
      current = undefined;
      waiting.shift();
      if (waiting.length === 0) feed();
    });
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      if (current !== undefined) {
        onReport(failedReport(current, `the simulating process ended with ${signal ?? status}`));
        waiting.shift();
      } else if (waiting.length > 0) {
        reject(new Error(`a simulating process ended with ${signal ?? status}`));
      }
      resolve(waiting);
    });
    feed();
  });
}
