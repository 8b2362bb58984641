// One client of a benchmark, over its executive's socket, or with the executive in this process. Orders come as JSON lines on standard
// input, answers go out the same way: `node client.mjs '{"socketPath":…}'`, or '{"config":…}' for an executive of its own.

import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { AisError, connect } from '../../dist/index.js';
import { fetchStatus } from '../../dist/ipc/status.js';
import { ckptOrders } from './ckpt.mjs';
import { evsOrders } from './evs.mjs';
import { evtOrders } from './evt.mjs';
import { loopOrders } from './loop.mjs';

/** How long an executive may take to listen, in ms. */
const PATIENCE = 20_000;

/** @typedef {(order: any) => Promise<object> | object} Order what it resolves with is the answer */

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** @param {string} socketPath */
async function whenListening(socketPath) {
  for (const end = Date.now() + PATIENCE; ; await delay(5)) {
    try {
      return await connect({ socketPath });
    } catch (error) {
      if (!AisError.is(error) || error.code !== 'SA_AIS_ERR_TRY_AGAIN' || Date.now() > end) throw error;
    }
  }
}

/** @param {object} config */
async function embedded(config) {
  const { Executive } = await import('../../dist/executive/index.js');
  const executive = await Executive.start(/** @type {any} */ (config));
  return { ais: await executive.connect(), status: () => executive.status() };
}

/** @param {string} socketPath */
async function beside(socketPath) {
  return { ais: await whenListening(socketPath), status: () => fetchStatus(socketPath, PATIENCE) };
}

const { socketPath, config } = JSON.parse(process.argv[2] ?? '{}');
const { ais, status } = await (socketPath === undefined ? embedded(config) : beside(socketPath));

/** @type {Record<string, Order>} */
const orders = { ...(await evsOrders(ais, say)), ...ckptOrders(ais), ...evtOrders(ais), ...loopOrders(), status };

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  void Promise.resolve(orders[order.do]?.(order)).then((answer) => say({ id: order.id, ...answer }));
}
process.exit(0);
