// What a soak is told on its command line.

import { parseArgs } from 'node:util';

/**
 * @typedef {object} SoakOptions
 * @property {number} seconds of faults
 * @property {number} nodes
 * @property {number} clients
 * @property {number} faultEvery seconds
 * @property {boolean} quorum
 * @property {number} seed
 * @property {number} keep a node that is never killed, so that the memory of one life is seen over the whole run; 0: none
 * @property {string} [folder] for logs; default: one in the temporary directory, kept if there was a violation
 */

export const USAGE = `npm run soak -- [--minutes 5] [--nodes 3] [--clients 16] [--fault-every 1] [--quorum] [--keep NODE]
  [--seed N] [--folder PATH] [--json]`;

/**
 * @param {string[]} args
 * @returns {SoakOptions & { json: boolean }}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      nodes: { type: 'string', default: '3' },
      clients: { type: 'string', default: '16' },
      'fault-every': { type: 'string', default: '1' },
      quorum: { type: 'boolean', default: false },
      keep: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ least) => {
    const value = Number(text);
    if (!(value >= least)) throw new Error(`--${name} wants a number from ${least}`);
    return value;
  };
  return {
    seconds: 60 * number('minutes', values.minutes, 0.05),
    nodes: number('nodes', values.nodes, 2),
    clients: number('clients', values.clients, 1),
    faultEvery: number('fault-every', values['fault-every'], 0.1),
    quorum: values.quorum,
    keep: number('keep', values.keep, 0),
    seed: number('seed', values.seed, 0),
    json: values.json,
    ...(values.folder === undefined ? {} : { folder: values.folder }),
  };
}
