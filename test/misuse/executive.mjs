// An executive of its own process on loopback, which says on order what it holds. Orders come as lines on standard input, answers go out as
// JSON lines. Needs --expose-gc.

import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { findPort } from '../../dist/cli/demo/loopback.js';
import { Executive } from '../../dist/executive/index.js';
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

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'measure') say({ ...(await measure()), ...executive.status() });
  else break;
}
await executive.stop();
