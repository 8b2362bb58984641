// A client of the workload 'backpressure': it sends numbered messages as fast as it can, or reads them and checks each. Orders come as JSON
// lines on standard input; once a second it says how far it is and what memory it has.

import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../dist/index.js';

const [socketPath = '', kind = 'evs', role = 'read', sizeText = '64'] = process.argv.slice(2);
const size = Number(sizeText);
/** Publications at a time. */
const IN_FLIGHT = 256;
/** Messages a burst; the loop is given back between bursts. */
const BURST = 256;

const ais = await connect({ socketPath });
let sent = 0;
let received = 0;
let disorders = 0;
/** That a session was told of. */
let configurations = 0;
/** @type {string | undefined} why it was ended */
let ended;
let isSending = false;
/** @type {Promise<unknown>} while it asks for nothing */
let pause = Promise.resolve();
void ais.closed.then((reason) => {
  ended ??= reason?.code;
});

/** @param {Buffer} data */
function check(data) {
  const fill = received & 0xff;
  const isRight =
    data.length === size && data.readUInt32LE(0) === received >>> 0 && data[4] === fill && data[size - 1] === fill;
  if (!isRight) {
    disorders += 1;
    process.stderr.write(`message ${data.readUInt32LE(0)} where ${received} was expected, of ${data.length} bytes\n`);
  }
  received = data.readUInt32LE(0) + 1;
}

/** The next message. */
function next() {
  const data = Buffer.alloc(size, sent & 0xff);
  data.writeUInt32LE(sent >>> 0, 0);
  return data;
}

async function sendMessages() {
  const session = await ais.evs.join([], { message() {} });
  const route = session.route({ to: ['load'] });
  while (isSending) {
    let isRefused = false;
    for (let i = 0; i < BURST && !isRefused; i++) {
      if (route.send(next())) sent += 1;
      else isRefused = true;
    }
    if (isRefused) await route.drain();
    else await new Promise(setImmediate);
  }
  await session.flush();
}

async function publishEvents() {
  const channel = await ais.evt.open('load', { create: true, publisher: true });
  const publish = async () => {
    while (isSending) {
      const published = channel.publish(next());
      sent += 1;
      await published;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, publish));
}

async function readMessages() {
  const session = await ais.evs.join(['load']);
  void session.closed.then((reason) => {
    ended ??= reason?.code;
  });
  void (async () => {
    for await (const batch of session.batches()) {
      for (const event of batch) {
        if (event.type === 'message') check(event.data);
        else configurations += 1;
      }
      await pause;
    }
  })();
}

async function readEvents() {
  const channel = await ais.evt.open('load', { create: true, subscriber: true });
  await channel.subscribe([], ({ data }) => check(data));
}

/** @type {Record<string, (order: any) => Promise<void>>} */
const orders = {
  send: async () => {
    isSending = true;
    await (kind === 'evs' ? sendMessages() : publishEvents());
    process.stdout.write(`${JSON.stringify({ done: true, sent })}\n`);
  },
  stop: async () => {
    isSending = false;
  },
  pause: async ({ ms }) => {
    pause = delay(ms);
  },
  spin: async ({ ms }) => {
    for (const end = performance.now() + ms; performance.now() < end; );
  },
};

function report() {
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ sent, received, disorders, configurations, ended, heapUsed, external })}\n`);
}

if (role === 'read') await (kind === 'evs' ? readMessages() : readEvents());
report();
setInterval(report, 1000);
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  void orders[order.do]?.(order);
}
process.exit(0);
