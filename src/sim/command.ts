/** The command `npm run sim`: many seeds, one seed, or a scenario. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeAction } from './actions.js';
import { GENERATORS } from './generators.js';
import { runJobs } from './jobs.js';
import type { Observer } from './observer.js';
import type { DrawOptions, SeedPlan } from './plan.js';
import { type Finding, formatFinding } from './report.js';
import { runSeed } from './run-seed.js';
import { formatScenario, parseScenario } from './scenario/parse.js';
import { runScenario } from './scenario/run.js';
import { ScenarioError } from './scenario/words.js';
import type { SeedReport } from './seed-report.js';
import { shrink } from './shrink.js';
import { formatTime, SECOND } from './time.js';
import { traceObserver } from './trace-lines.js';

const USAGE = `usage: npm run sim -- --seeds N [--from S] [--nodes K] [--jobs J] [--generator G]
       npm run sim -- --seed S [--nodes K] [--services] [--trace [--packets] [--wide]]
       npm run sim -- --seed S --shrink
       npm run sim -- --play FILE [--trace [--packets] [--wide]]

  --seeds N    run N seeds                                  (default 100)
  --from S     the first of them                            (default: drawn from the clock, and printed)
  --nodes K    clusters of K nodes, 2 to 128                (default: 2 to 16, drawn from the seed)
  --services   executives with services and their clients, instead of applications that send
  --generator  one kind of scenario alone: ${Object.keys(GENERATORS).join(', ')}
  --jobs J     processes                                    (default: one a core)
  --seed S     run this one
  --play FILE  run a scenario, as test/scenarios has them
  --shrink     leave out what it does not need to fail, and print what is left
  --trace      and print one line for each of its events
  --packets    datagrams too
  --wide       whole lines, however long`;

const SEEDS_DEFAULT = 100;
const NODES_MAX = 128;

class UsageError extends Error {}

/** Where lines go. */
export interface Terminal {
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  /** The module of child processes, if it is not the usual one. */
  readonly worker?: URL;
}

interface Settings {
  readonly seed: number | undefined;
  readonly play: string | undefined;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly options: DrawOptions;
  readonly shrink: boolean;
  readonly trace: boolean;
  readonly packets: boolean;
  readonly wide: boolean;
}

function parse(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      nodes: { type: 'string' },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      play: { type: 'string' },
      generator: { type: 'string' },
      services: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      packets: { type: 'boolean', default: false },
      wide: { type: 'boolean', default: false },
    },
  });
  const number = (
    name: 'seeds' | 'from' | 'nodes' | 'jobs' | 'seed',
    low: number,
    high: number,
  ): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high) {
      throw new UsageError(`--${name} takes a whole number from ${low} to ${high}, not '${text}'`);
    }
    return value;
  };
  const nodes = number('nodes', 2, NODES_MAX);
  const { generator } = values;
  if (generator !== undefined && GENERATORS[generator] === undefined) {
    throw new UsageError(`there is no generator '${generator}'`);
  }
  return {
    seed: number('seed', 0, Number.MAX_SAFE_INTEGER),
    play: values.play,
    seeds: number('seeds', 1, 1e9) ?? SEEDS_DEFAULT,
    from: number('from', 0, Number.MAX_SAFE_INTEGER - 1e9) ?? Date.now(),
    jobs: number('jobs', 1, 1024) ?? availableParallelism(),
    options: {
      ...(nodes === undefined ? {} : { nodes }),
      ...(generator === undefined ? {} : { generator }),
      ...(values.services ? { services: true } : {}),
    },
    shrink: values.shrink,
    trace: values.trace,
    packets: values.packets,
    wide: values.wide,
  };
}

/** The words that run this seed again. */
function replay(seed: number, { nodes, generator, services }: DrawOptions): string {
  const ofNodes = nodes === undefined ? '' : ` --nodes ${nodes}`;
  const ofGenerator = generator === undefined ? '' : ` --generator ${generator}`;
  return `npm run sim -- --seed ${seed}${ofNodes}${ofGenerator}${services === true ? ' --services' : ''} --trace`;
}

function observerOf({ trace, packets, wide }: Settings, { print }: Terminal): Observer | undefined {
  if (!trace) return undefined;
  return traceObserver({ packets, ...(wide ? { width: Number.POSITIVE_INFINITY } : {}) }, print);
}

async function runOne(seed: number, settings: Settings, terminal: Terminal): Promise<number> {
  const { print } = terminal;
  const observer = observerOf(settings, terminal);
  const { plan, findings, end, delivered, configurations } = await runSeed(seed, settings.options, observer);
  for (const finding of findings) print(formatFinding(finding));
  const kind = plan.isLive ? 'live' : 'wild';
  const nodes = plan.cluster.machines.length;
  const work = `${(end / SECOND).toFixed(1)} s, ${configurations} configurations, ${delivered} deliveries`;
  print(`seed ${seed} (${kind}, ${nodes} nodes): ${work}, ${findings.length} violations`);
  if (settings.shrink && findings.length > 0) await printShrunk(plan, findings, terminal);
  return findings.length > 0 ? 1 : 0;
}

async function printShrunk(plan: SeedPlan, findings: readonly Finding[], { print }: Terminal): Promise<void> {
  const shrunk = await shrink(plan, findings);
  print(`after ${shrunk.runs} runs, ${shrunk.plan.faults.length} of ${plan.faults.length} actions are left:`);
  for (const { at, action } of shrunk.plan.faults) print(`${formatTime(at)} ${describeAction(action)}`);
  for (const finding of shrunk.findings.slice(0, 1)) print(formatFinding(finding));
}

/** The scenario as it would be recorded now, and what is not legal about it. */
function play(file: string, settings: Settings, terminal: Terminal): number {
  const text = readFileSync(file, 'utf8');
  const scenario = parseScenario(text);
  const { printed, findings } = runScenario(scenario, observerOf(settings, terminal));
  const result = formatScenario(scenario, printed);
  for (const line of result.trimEnd().split('\n')) terminal.print(line);
  for (const finding of findings) terminal.print(finding);
  terminal.print(result === text ? 'as recorded' : 'not as recorded');
  return findings.length > 0 ? 1 : 0;
}

async function runMany(settings: Settings, { print, worker }: Terminal): Promise<number> {
  const { seeds, from, jobs, options } = settings;
  print(`seeds ${from} to ${from + seeds - 1}, ${jobs} processes`);
  const totals = { bad: 0, delivered: 0, configurations: 0, virtual: 0 };
  const onReport = (report: SeedReport): void => {
    totals.delivered += report.delivered;
    totals.configurations += report.configurations;
    totals.virtual += report.end;
    if (report.findings.length === 0) return;
    totals.bad++;
    print(
      `seed ${report.seed} (${report.live ? 'live' : 'wild'}, ${report.nodes} nodes): ${report.predicates.join(' ')}`,
    );
    print(`  ${report.findings[0]}`);
    print(`  replay: ${replay(report.seed, options)}`);
  };
  const start = process.hrtime.bigint();
  await runJobs({ from, count: seeds, jobs, options, onReport, ...(worker === undefined ? {} : { worker }) });
  const seconds = Number((process.hrtime.bigint() - start) / 1_000_000n) / 1000;
  const work = `${totals.configurations} configurations, ${totals.delivered} deliveries`;
  const hours = (totals.virtual / SECOND / 3600).toFixed(1);
  print(
    `${seeds} seeds from ${from}: ${totals.bad} with violations; ${work}, ${hours} h simulated in ${seconds.toFixed(1)} s`,
  );
  return totals.bad > 0 ? 1 : 0;
}

/** @returns the exit status: 0 nothing was violated, 1 something was, 2 the command makes no sense. */
export async function runCommand(args: string[], terminal: Terminal): Promise<number> {
  try {
    const settings = parse(args);
    if (settings.play !== undefined) return play(settings.play, settings, terminal);
    if (settings.seed !== undefined) return await runOne(settings.seed, settings, terminal);
    return await runMany(settings, terminal);
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    if (!isUsage && !(error instanceof ScenarioError)) throw error;
    terminal.printError(error.message);
    if (isUsage) terminal.printError(USAGE);
    return 2;
  }
}
