// A client that behaves, beside those that do not: it uses every service, one round after the other, and checks all that it gets.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../dist/index.js';
import { PATIENCE_MS } from './hostile.mjs';

const ATTRIBUTES = {
  checkpointSize: 4096,
  retentionDuration: 0,
  maxSections: 2,
  maxSectionSize: 2048,
  maxSectionIdSize: 16,
};

export class Neighbour {
  rounds = 0;
  /** Milliseconds of the slowest round. */
  slowest = 0;
  #isStopping = false;

  /** @param {string} socketPath */
  async run(socketPath) {
    const ais = await connect({ socketPath, defaultTimeout: PATIENCE_MS });
    /** @type {string[]} */
    const heard = [];
    /** @type {string[]} */
    const told = [];
    const session = await ais.evs.join(['neighbour'], { message: ({ data }) => void heard.push(String(data)) });
    const checkpoint = await ais.ckpt.open('neighbour', { create: ATTRIBUTES, read: true, write: true });
    await checkpoint.createSection({ id: 'a', data: Buffer.from('0') });
    const channel = await ais.evt.open('neighbour', { create: true, publisher: true, subscriber: true });
    await channel.subscribe([], ({ data }) => void told.push(String(data)));
    const echo = ais.service('echo');
    for (; !this.#isStopping; this.rounds++) {
      const began = performance.now();
      const data = Buffer.from(`${this.rounds}`);
      await session.mcast(data);
      await checkpoint.overwrite({ section: 'a', data });
      await channel.publish(data);
      await session.flush();
      assert.deepEqual(await checkpoint.read({ section: 'a' }), data);
      assert.deepEqual(await echo.call(2, data), data);
      assert.equal((await ais.clm.current()).numberOfMembers, 1);
      assert.deepEqual(heard.splice(0), [String(data)]);
      assert.deepEqual(told.splice(0), [String(data)]);
      this.slowest = Math.max(this.slowest, performance.now() - began);
      await delay(5);
    }
    await channel.close();
    await ais.evt.unlink('neighbour');
    await ais.close();
  }

  stop() {
    this.#isStopping = true;
  }
}

/** Removes what hostile clients may leave to the cluster. @param {string} socketPath */
export async function tidy(socketPath) {
  const ais = await connect({ socketPath, defaultTimeout: PATIENCE_MS });
  for await (const { name, unlinked } of ais.evt.list())
    if (!unlinked && name !== 'neighbour') await ais.evt.unlink(name);
  for await (const { name } of ais.ckpt.list()) {
    // Its retention may end meanwhile.
    if (name !== 'neighbour')
      await ais.ckpt.unlink(name).catch(({ code }) => assert.equal(code, 'SA_AIS_ERR_NOT_EXIST'));
  }
  await ais.close();
}
