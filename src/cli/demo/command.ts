/** `ais demo`, and `npm start`: the bank of the talk of 2004, on three executives of this machine. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { count, described, documented, flag, list, nodeId, object } from '../schema.js';
import { type Terminal, toJson } from '../terminal.js';
import { type Entry, readLedger, repeat } from './ledger.js';
import { hasPipedInput } from './piped-input.js';
import { makePlace, type Place } from './place.js';
import { NODES, Show, type ShowResult } from './show.js';
import { balances, holdings, money } from './table.js';

const EXAMPLE = fileURLToPath(new URL('../../../examples/bank/ledger.csv', import.meta.url));

const schema = object({
  members: described(list(nodeId), 'branches that are there at the end'),
  deposits: described(count, 'given out'),
  messagesPerSecond: described(count, 'delivered at each member, on average'),
  agree: described(flag, 'all have the same books, and not a cent is missing'),
});

interface Options {
  /** A file, or '-' for standard input. Undefined: the ledger of examples/, again and again. */
  readonly ledger?: string;
  readonly json?: boolean;
  readonly stay?: boolean;
}

export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .description('three executives keep a bank on this machine; one is killed, another joins, all have the same books')
    .option(
      '--ledger <file>',
      "deposits as CSV lines 'account, amount', each played once; '-' is standard input " +
        '(default: what is piped in, else an example again and again)',
    )
    .option('--stay', 'keep the cluster up at the end, and say how to connect')
    .action(async (options: Options) => {
      try {
        process.exitCode = await play(options, terminal);
      } catch (error) {
        terminal.err(`ais: ${(error as Error).message}`);
        process.exitCode = 1;
      } finally {
        // An idle pipe at standard input would keep the process alive.
        process.stdin.destroy();
      }
    });
  return documented(command, schema);
}

type Say = (line: string) => void;

interface Ledger {
  readonly entries: AsyncIterable<Entry>;
  /** Enough was played of a ledger that has no end. */
  end(): void;
}

/** A file that is not there is told before anything is started. */
async function openFile(path: string): Promise<AsyncIterable<Buffer>> {
  return (await open(path)).createReadStream();
}

async function openLedger(given: string | undefined, say: Say): Promise<Ledger> {
  const file = given ?? ((await hasPipedInput()) ? '-' : undefined);
  if (file === '-') {
    say('The deposits come from standard input.');
    return { entries: readLedger(process.stdin, 'standard input'), end: () => {} };
  }
  if (file !== undefined) return { entries: readLedger(await openFile(file), file), end: () => {} };
  const day: Entry[] = [];
  for await (const entry of readLedger(await openFile(EXAMPLE), basename(EXAMPLE))) day.push(entry);
  say(`The deposits of examples/bank/ledger.csv (${day.length}) are played again and again.`);
  let isEnough = false;
  const end = () => {
    isEnough = true;
  };
  return { entries: repeat(day, () => isEnough), end };
}

/** Whether all agree, and nothing appeared or vanished. */
function judge({ reports, deposits, cents }: ShowResult): string[] {
  const problems: string[] = [];
  const hashes = new Set([...reports.values()].map(({ hash }) => hash));
  if (hashes.size !== 1) problems.push('The books differ.');
  for (const [node, report] of reports) {
    if (report.total !== cents) problems.push(`On ${node} there is ${money(report.total)} instead of ${money(cents)}.`);
    if (report.deposits !== deposits) problems.push(`On ${node} there are ${report.deposits} deposits of ${deposits}.`);
  }
  return problems;
}

function present(result: ShowResult, problems: readonly string[], say: Say): void {
  const { reports, messagesPerSecond, cents, members } = result;
  const held = [...holdings(reports.values().next().value!)];
  const closed = (node: number) => (members.includes(node) ? '' : ' (closed)');
  for (const [node, sum] of held) say(`Branch ${node}${closed(node)} holds ${money(sum)}.`);
  say(`${messagesPerSecond.toLocaleString('en-US')} messages a second, on average, at every member.`);
  for (const problem of problems) say(problem);
  if (problems.length === 0) say(`All ${members.length} agree, and not a cent of ${money(cents)} is missing.`);
}

function howToConnect(place: Place, members: readonly number[]): string {
  const [first] = members;
  const lines = [
    '',
    'The cluster stays up until Ctrl-C. To look at it:',
    ...members.map((node) => `  npx ais status --socket ${place.socket(node)}`),
    'To start another executive of it:',
    `  npx aisexec -f -c ${place.configFile(NODES.find((node) => !members.includes(node)) ?? first!)}`,
    "From a program: Executive.start(FILE) of 'openais/executive' with that file, then its connect(); the group is 'bank'.",
    '',
  ];
  return lines.join('\n');
}

/** Calls back for the first signal that asks to end; a second one ends at once. */
function onInterrupt(interrupted: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
}

/** @returns exit status */
async function play({ ledger: given, json, stay }: Options, terminal: Terminal): Promise<number> {
  const started = performance.now();
  // With --json standard output has the document alone.
  const tell = (text: string) => (json ? terminal.err(text) : terminal.out(text));
  const say = (line: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
    tell(`${seconds}  ${line}`);
  };
  const ledger = await openLedger(given, say);
  const place = await makePlace(NODES);
  if (place.transport === 'udpu') say('Loopback does not multicast here: the ring uses unicast.');
  const show = new Show(place, ledger.entries, say);
  const interrupted = new Promise<void>((resolve) => {
    onInterrupt(() => {
      show.interrupt();
      resolve();
    });
  });
  try {
    const result = await show.run(ledger.end);
    const problems = judge(result);
    tell(`\n${balances(result.reports).join('\n')}\n`);
    present(result, problems, say);
    if (json) {
      const { members, deposits, messagesPerSecond } = result;
      terminal.out(toJson({ members, deposits, messagesPerSecond, agree: problems.length === 0 }));
    }
    if (stay) {
      tell(howToConnect(place, result.members));
      await interrupted;
    }
    return problems.length === 0 ? 0 : 1;
  } finally {
    await show.stop();
    await place.remove();
  }
}
