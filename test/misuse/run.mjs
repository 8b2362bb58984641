// npm run fuzz -- ipc [--count N] [--from SEED]: N generated cases against an executive in a process of its own, over its socket: streams of
// hostile frames, and calls of the library that no sane program makes. Exit status 1 if anything is wrong; the same seed is the same case.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/index.js';
import { Random } from '../../dist/sim/random.js';
import { Planted } from './arguments.mjs';
import { Sequence } from './calls.mjs';
import { send } from './hostile.mjs';
import { measure } from './measure.mjs';
import { Neighbour, tidy } from './neighbour.mjs';
import { makeStream } from './streams.mjs';

/** Of sequences of calls among the cases. */
const CALLS_SHARE = 0.25;
/** Of sequences of calls in the process of the executive, among the rest. */
const IN_PROCESS_SHARE = 0.1;
/** Cases at a time. */
const WIDTH = 12;
/** Cases after which what is compiled and cached is there, at most; of few cases a quarter. */
const WARM_UP = 20_000;
/** Bytes by which a heap may differ after any number of cases. */
const HEAP_TOLERANCE = 3 << 20;

const { values } = parseArgs({ options: { count: { type: 'string' }, from: { type: 'string' } } });
const count = Number(values.count ?? 10_000);
const first = Number(values.from ?? 1);
const directory = mkdtempSync(join(tmpdir(), 'openais-misuse-'));
const socketPath = join(directory, 'ais.sock');

const program = join(dirname(fileURLToPath(import.meta.url)), 'executive.mjs');
const child = spawn(process.execPath, ['--expose-gc', program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
/** Who waits for what the executive says: of a sequence of calls by its seed, of all else by 0. @type {Map<number, (answer: any) => void>} */
const waiting = new Map();
createInterface({ input: child.stdout }).on('line', (line) => {
  const said = JSON.parse(line);
  waiting.get(said.seed ?? 0)?.(said);
});
let isEnding = false;
child.on('exit', (status, signal) => {
  if (isEnding) return;
  process.stderr.write(`the executive is gone: ${signal ?? status}\n`);
  process.exit(1);
});

/** @param {number} seed @returns {Promise<any>} */
const said = (seed) =>
  new Promise((resolve) => {
    waiting.set(seed, (answer) => {
      waiting.delete(seed);
      resolve(answer);
    });
  });

/** @param {string} does @param {number} [seed] */
function order(does, seed = 0) {
  child.stdin.write(`${JSON.stringify({ does, seed })}\n`);
  return said(seed);
}

/** What both processes hold. */
async function holdings() {
  await tidy(socketPath);
  // A connection that is over is forgotten in a turn of its own.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { heap, files, resources, clients, services: all } = await order('measure');
  const { heap: own, files: ownFiles, resources: ownResources } = await measure();
  // The neighbour's number grows, and timers come and go.
  const services = all.map((/** @type {{ digest?: string, bytes?: number }} */ { digest, bytes, ...counts }) => counts);
  const counts = { files, pipes: resources.PipeWrap, clients, services, ownFiles, ownPipes: ownResources.PipeWrap };
  return { executive: { heap }, client: { heap: own }, counts };
}

/** @param {number} seed */
async function callsInProcess(seed) {
  const { problem } = await order('calls', seed);
  if (problem !== undefined) throw new Error(`in process: ${problem}`);
}

/** @param {number} seed */
async function one(seed) {
  const random = new Random(seed, 'misuse');
  if (random.chance(CALLS_SHARE)) await new Sequence(random, await connect({ socketPath })).run();
  else if (random.chance(IN_PROCESS_SHARE)) await callsInProcess(seed);
  else await send(socketPath, makeStream(random));
}

/** @param {number} from @param {number} to */
async function cases(from, to) {
  let next = from;
  const work = async () => {
    while (next < to) {
      const seed = next++;
      try {
        await one(seed);
      } catch (error) {
        failures.push(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
}

// What handlers throw comes out here; nothing else may.
process.on('uncaughtException', (error) => {
  if (error instanceof Planted) return;
  failures.push(`uncaught: ${error.stack}`);
});

/** @type {string[]} */
const failures = [];
await said(0);
const neighbour = new Neighbour();
const living = neighbour.run(socketPath).catch((error) => {
  failures.push(`another client: ${error instanceof Error ? error.message : error}`);
});
const began = performance.now();
const middle = first + Math.min(WARM_UP, Math.floor(count / 4));
await cases(first, middle);
const before = await holdings();
await cases(middle, first + count);
const after = await holdings();
const seconds = (performance.now() - began) / 1000;
neighbour.stop();
await living;

const [executiveGrew, clientGrew] = [
  after.executive.heap - before.executive.heap,
  after.client.heap - before.client.heap,
];
if (executiveGrew > HEAP_TOLERANCE) failures.push(`the heap of the executive grew by ${executiveGrew} bytes`);
if (clientGrew > HEAP_TOLERANCE) failures.push(`the heap of the clients grew by ${clientGrew} bytes`);
if (JSON.stringify(before.counts) !== JSON.stringify(after.counts)) {
  const [was, is] = [before, after].map(({ counts }) => JSON.stringify(counts));
  failures.push(`something is left: ${is}, before ${was}`);
}

const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
process.stdout.write(`${count} cases from seed ${first} in ${seconds.toFixed(0)} s: ${failures.length} failed\n`);
process.stdout.write(`  another client: ${neighbour.rounds} rounds, the slowest ${neighbour.slowest.toFixed(0)} ms\n`);
process.stdout.write(`  heap: executive ${kilobytes(before.executive.heap)}, then ${kilobytes(after.executive.heap)};`);
process.stdout.write(` clients ${kilobytes(before.client.heap)}, then ${kilobytes(after.client.heap)}\n`);
process.stdout.write(`  left: ${JSON.stringify(after.counts)}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
isEnding = true;
child.stdin.end();
rmSync(directory, { recursive: true, force: true });
process.exit(failures.length > 0 ? 1 : 0);
