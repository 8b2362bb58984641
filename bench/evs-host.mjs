// One host of a benchmark: an executive in this process, and a session that sends or counts. Orders come as JSON lines on standard input,
// answers go out the same way.

import { createInterface } from 'node:readline';
import { Executive } from '../dist/executive/index.js';

/** A message: u32 sender, u32 number, then a pattern that depends on both. */
const HEAD = 8;
/** Messages a burst; the loop is given back between bursts. */
const BURST = 256;

const [configText = '{}'] = process.argv.slice(2);
const executive = await Executive.start(JSON.parse(configText));
const ais = await executive.connect();
const me = executive.nodeId;

let received = 0;
let receivedBytes = 0;
let disorders = 0;
let isFlooding = false;
/** @type {Map<number, number>} the last number of each sender */
const last = new Map();

const session = await ais.evs.join(
  ['bench'],
  {
    message({ sender, data }) {
      received += 1;
      receivedBytes += data.length;
      const number = data.readUInt32LE(4);
      if (data.readUInt32LE(0) !== sender || number !== ((last.get(sender) ?? -1) + 1) >>> 0) disorders += 1;
      if (data[data.length - 1] !== (data.length > HEAD ? number & 0xff : data[data.length - 1])) disorders += 1;
      last.set(sender, number);
    },
    configuration: ({ members, kind }) => say({ configuration: members, kind, at: seconds() }),
  },
  { borrow: true },
);

/** Of CLOCK_MONOTONIC: the same for all processes of a machine. */
function seconds() {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify({ node: me, ...answer })}\n`);
}

let sent = 0;

/** @param {number} size */
async function flood(size) {
  const route = session.route({ to: ['bench'] });
  const data = Buffer.alloc(size);
  data.writeUInt32LE(me, 0);
  while (isFlooding) {
    let isRefused = false;
    for (let i = 0; i < BURST && !isRefused; ) {
      data.writeUInt32LE(sent >>> 0, 4);
      if (size > HEAD) data[size - 1] = sent & 0xff;
      if (route.send(data)) {
        sent += 1;
        i += 1;
      } else {
        isRefused = true;
      }
    }
    if (isRefused) await route.drain();
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One message a millisecond, caught up where the timer is late. */
function pulse(/** @type {number} */ size) {
  const data = Buffer.alloc(size);
  data.writeUInt32LE(me, 0);
  const began = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    if (!isFlooding) return clearInterval(timer);
    for (; count < performance.now() - began; count += 1) {
      data.writeUInt32LE(sent >>> 0, 4);
      if (size > HEAD) data[size - 1] = sent & 0xff;
      if (!session.send(data)) return;
      sent += 1;
    }
  }, 1);
}

/** @type {Record<string, (order: any) => unknown>} */
const orders = {
  flood: ({ size }) => {
    isFlooding = true;
    void flood(size);
  },
  pulse: ({ size }) => {
    isFlooding = true;
    pulse(size);
  },
  quiet: () => {
    isFlooding = false;
  },
  count: () =>
    say({
      received,
      receivedBytes,
      disorders,
      sent,
      at: seconds(),
      cpu: process.cpuUsage(),
    }),
  end: async () => {
    isFlooding = false;
    await executive.stop();
    process.exit(0);
  },
};

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  await orders[order.do]?.(order);
}
process.exit(0);
