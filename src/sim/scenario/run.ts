/** Runs a scenario: what each block printed, and what the checker says of the whole. */
import { check } from '../checker/check.js';
import { checkHarness } from '../harness-checks.js';
import type { Observer } from '../observer.js';
import { formatFinding } from '../report.js';
import { COMMANDS } from './commands/index.js';
import type { Scenario } from './parse.js';
import { ScenarioError, Words } from './words.js';
import { World } from './world.js';

export interface ScenarioResult {
  /** Of each block. */
  readonly printed: readonly (readonly string[])[];
  /** What the history violates; empty if nothing. */
  readonly findings: readonly string[];
}

/** @throws {ScenarioError} A mistake in the scenario, with its line. */
export function runScenario(scenario: Scenario, observer?: Observer): ScenarioResult {
  const world = new World(observer);
  try {
    const printed = scenario.blocks.map(({ commands }) =>
      commands.flatMap(({ line, words }) => runLine(world, line, words)),
    );
    return { printed, findings: judge(world) };
  } finally {
    world.close();
  }
}

function runLine(world: World, line: number, words: readonly string[]): string[] {
  const [name = '', ...rest] = words;
  const command = COMMANDS.get(name);
  try {
    if (command === undefined) throw new ScenarioError(`there is no command '${name}'`);
    return command.run(world, new Words(rest));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const usage = command === undefined ? '' : `\n  usage: ${command.usage}`;
    throw new ScenarioError(`line ${line}: ${error.message}${usage}`);
  }
}

function judge({ cluster }: World): string[] {
  const history = cluster.history();
  const findings = [...checkHarness(cluster.recorder, cluster.queue.now), ...check(history)];
  return findings.map(formatFinding);
}
