// An executive of its own process on loopback, which says on order what it holds, and makes calls in its own process. Orders come as lines on standard input, answers go out as
// JSON lines. Needs --expose-gc.

import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { findPort } from '../../dist/cli/demo/loopback.js';
import { Executive } from '../../dist/executive/index.js';
import { Random } from '../../dist/sim/random.js';
import { Planted } from './arguments.mjs';
import { Sequence } from './calls.mjs';
import { Echo } from './echo.mjs';
import { measure } from './measure.mjs';

const [directory = ''] = process.argv.slice(2);
const executive = await Executive.start(
  {
    totem: {
      cluster_name: 'misuse',
      nodeid: 1,
      key: randomBytes(128),
      interface: [{ bindnetaddr: '127.0.0.1', mcastaddr: '239.192.84.9', mcastport: await findPort(['127.0.0.1']) }],
    },
    ipc: { socket: `${directory}/ais.sock` },
    state: { dir: `${directory}/state` },
  },
  { services: [new Echo()], logger: { debug() {}, info() {}, warn() {}, error() {} } },
);

// Whoever waits for its answers would wait for ever.
void executive.closed.then((reason) => {
  if (!isEnding) process.stderr.write(`the executive has ended: ${reason}\n`);
  process.exit(isEnding ? 0 : 1);
});
let isEnding = false;

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

// What handlers throw comes out here; nothing else may.
process.on('uncaughtException', (error) => {
  if (error instanceof Planted) return;
  process.stderr.write(`uncaught: ${error.stack}\n`);
  process.exit(1);
});

/** A sequence of calls in this process. @param {number} seed */
async function calls(seed) {
  try {
    await new Sequence(new Random(seed, 'calls'), await executive.connect()).run();
    say({ seed });
  } catch (error) {
    say({ seed, problem: String(error) });
  }
}

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { does, seed } = JSON.parse(line);
  if (does === 'calls') void calls(seed);
  else say({ ...(await measure()), ...executive.status() });
}
isEnding = true;
await executive.stop();
