import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/sim/command.js';
import { runJobs } from '../../src/sim/jobs.js';
import { failedReport, reportSeed, type SeedReport } from '../../src/sim/seed-report.js';

const dying = new URL('dying-worker.mjs', import.meta.url);

async function run(...args: string[]): Promise<{ status: number; out: string[]; error: string }> {
  const out: string[] = [];
  let error = '';
  const print = (line: string): number => out.push(line);
  const status = await runCommand(args, { print, printError: (line) => (error += line), worker: dying });
  return { status, out, error };
}

const scenario = join(import.meta.dirname, '../scenarios/S28-alone.txt');
const built = new URL('../../dist/sim/worker.js', import.meta.url);

describe('npm run sim', () => {
  it('runs one seed and says what it was', { timeout: 60_000 }, async () => {
    const { status, out } = await run('--seed', '3', '--nodes', '2');
    expect(status).toBe(0);
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(/^seed 3 \((live|wild), 2 nodes\): .* 0 violations$/);
  });

  it('prints a line for each event of it', { timeout: 60_000 }, async () => {
    const { out } = await run('--seed', '3', '--nodes', '2', '--trace');
    expect(out.length).toBeGreaterThan(50);
    expect(out[0]).toHaveLength(160);
    const wide = await run('--seed', '3', '--nodes', '2', '--trace', '--wide', '--packets');
    expect(wide.out.length).toBeGreaterThan(out.length);
    expect(wide.out.some((line) => line.includes(' packet '))).toBe(true);
  });

  it('plays a scenario, and says whether it goes as recorded', { timeout: 60_000 }, async () => {
    const { status, out } = await run('--play', scenario);
    expect(status).toBe(0);
    expect(out.at(-1)).toBe('as recorded');
  });

  it('runs many seeds, says where it starts, and how to run again what failed', { timeout: 60_000 }, async () => {
    const { status, out } = await run('--seeds', '12', '--from', '10', '--jobs', '1', '--nodes', '3');
    expect(status).toBe(1);
    expect(out[0]).toBe('seeds 10 to 21, 1 processes');
    expect(out.filter((line) => line.startsWith('  replay'))).toEqual([
      '  replay: npm run sim -- --seed 13 --nodes 3 --trace',
      '  replay: npm run sim -- --seed 19 --nodes 3 --trace',
    ]);
    expect(out.at(-1)).toMatch(/^12 seeds from 10: 2 with violations; 10 configurations, 10 deliveries/);
  });

  it('ends with 0 if nothing is violated', { timeout: 60_000 }, async () => {
    expect((await run('--seeds', '3', '--from', '14', '--jobs', '2')).status).toBe(0);
  });

  it('explains itself if it is asked for something else', async () => {
    for (const [args, message] of [
      [['--seeds', 'many'], "--seeds takes a whole number from 1 to 1000000000, not 'many'"],
      [['--nodes', '1'], "--nodes takes a whole number from 2 to 128, not '1'"],
      [['--generator', 'S99'], "there is no generator 'S99'"],
      [['--colour'], "Unknown option '--colour'"],
    ] as const) {
      const { status, error } = await run(...args);
      expect(status).toBe(2);
      expect(error).toContain(message);
      expect(error).toContain('usage: npm run sim');
    }
  });
});

describe('a report of a seed', () => {
  it('holds what is printed of it', { timeout: 60_000 }, async () => {
    expect(await reportSeed(3, { nodes: 2 })).toMatchObject({ seed: 3, nodes: 2, findings: [], predicates: [] });
  });

  it('is a finding if the seed could not be run', async () => {
    expect(await reportSeed(3, { generator: 'S99' })).toMatchObject({ seed: 3, predicates: ['threw'] });
    expect(failedReport(5, 'gone').findings).toEqual(['gone']);
  });
});

/** Children run what was built; the tests themselves run the source. */
describe.runIf(existsSync(built))('child processes', () => {
  async function runAll(count: number, jobs: number, worker: URL): Promise<SeedReport[]> {
    const reports: SeedReport[] = [];
    const onReport = (report: SeedReport): void => {
      reports.push(report);
    };
    await runJobs({ from: 10, count, jobs, options: { nodes: 2 }, onReport, worker });
    return reports.toSorted((a, b) => a.seed - b.seed);
  }

  it('run every seed once, with the same result as one process', { timeout: 60_000 }, async () => {
    const reports = await runAll(20, 2, built);
    expect(reports.map(({ seed }) => seed)).toEqual(Array.from({ length: 20 }, (_, i) => 10 + i));
    expect(reports).toEqual(await runAll(20, 1, built));
  });

  it('that die leave the name of their seed, and the rest is run', { timeout: 60_000 }, async () => {
    const reports = await runAll(12, 1, dying);
    expect(reports.map(({ seed }) => seed)).toEqual(Array.from({ length: 12 }, (_, i) => 10 + i));
    expect(reports.filter(({ predicates }) => predicates.includes('threw')).map(({ seed }) => seed)).toEqual([13, 19]);
  });
});
