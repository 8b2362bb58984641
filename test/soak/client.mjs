// One client of a soak, a process of its own: node client.mjs SOCKET NUMBER SEED FOLDER. What it finds goes out as JSON lines; the line
// 'stop' on its input ends it, once its calls have ended.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../dist/sim/random.js';
import { CALL_MAX_MS, Journal } from './journal.mjs';
import { Publisher } from './publisher.mjs';
import { Session } from './session.mjs';
import { Visitor } from './visitor.mjs';
import { Writer } from './writer.mjs';

/** Mean pause of each of the loops, in ms. */
const PAUSE_MS = 40;

const [socketPath = '', number = '0', seed = '0', folder = '.'] = process.argv.slice(2);
const client = Number(number);
const random = new Random(Number(seed), `client ${client}`);

/** @param {object} finding */
function say(finding) {
  process.stdout.write(`${JSON.stringify({ client, ...finding })}\n`);
}

const violation = (/** @type {string} */ what) => say({ violation: what });
const journal = new Journal(join(folder, `client-${client}.log`), violation);
const session = new Session(socketPath, journal);
// One that nobody else writes to, which no merge may take anything from but what was under way; and one that all write to.
const places = [
  { name: `own-${client}`, prefix: '', sections: 16 },
  { name: 'common', prefix: `${client}.`, sections: 4 },
];
const writers = places.map((place) => new Writer(session, journal, place, (regression) => say({ regression })));
/** @type {string[]} */
const ids = [];
const publisher = new Publisher(
  session,
  journal,
  client,
  (id) => ids.push(String(id)),
  (event) => say({ lostEvent: event }),
  (id) => violation(`event ${id} was delivered twice to one open channel`),
);
const visitor = new Visitor(session, journal);
let isStopping = false;

/** @param {{ turn(random: Random): Promise<void> }} part @param {Random} chance */
async function loop(part, chance) {
  while (!isStopping) {
    await part.turn(chance);
    await delay(chance.exponential(PAUSE_MS));
  }
}

const loops = Promise.all(
  [...writers, publisher, visitor].map((part, index) => loop(part, random.fork(`loop ${index}`))),
);

function acknowledged() {
  return writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
}

function keepIds() {
  if (ids.length > 0) appendFileSync(join(folder, `events-${client}.txt`), `${ids.splice(0).join('\n')}\n`);
}
setInterval(keepIds, 1000).unref();
setInterval(() => {
  say({ counts: { calls: journal.calls, writes: acknowledged(), longest: journal.longest } });
}, 1000).unref();

process.on('SIGTERM', () => {});
for await (const line of createInterface({ input: process.stdin })) if (line === 'stop') break;
isStopping = true;
await Promise.race([loops, delay(CALL_MAX_MS)]);
keepIds();
journal.flush();
const { calls, longest, errors, pending } = journal;
const writes = acknowledged();
const outstanding = writers.flatMap((writer) => writer.outstanding);
const { received } = publisher;
const staying = [...publisher.staying, ...publisher.strays];
const counts = { calls, writes, longest };
const { connections } = session;
say({ done: { counts, errors, pending, outstanding, staying, received, connections } });
await session.close();
process.exit(0);
