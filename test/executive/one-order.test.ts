import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/client/connect.js';
import type { EvsSession } from '../../src/client/evs/types.js';
import type { EventChannel } from '../../src/client/evt/types.js';
import type { Ais } from '../../src/client/types.js';
import type { Executive } from '../../src/executive/executive.js';
import { WAYS } from '../client/support/scene.js';
import { Cluster, until } from './support/cluster.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.make();
});
afterEach(() => cluster.close(), 30_000);

const nameOf = (data: Buffer) => data.toString('latin1', 0, 8).trim();
const bytes = (name: string, size = 8) => Buffer.from(name.padEnd(size), 'latin1');

/** A session and a channel of one connection, which note what they are given as it comes. */
interface User {
  readonly session: EvsSession;
  readonly channel: EventChannel;
  readonly heard: string[];
}

async function use(ais: Ais): Promise<User> {
  const heard: string[] = [];
  const channel = await ais.evt.open('c', { create: true, publisher: true, subscriber: true });
  await channel.subscribe(['pass-all'], ({ data }) => heard.push(nameOf(data)));
  const session = await ais.evs.join(['g'], { message: ({ data }) => heard.push(nameOf(data)) });
  return { session, channel, heard };
}

describe.each(WAYS)('The calls of one connection %s', (way) => {
  let near: Executive;

  function connected(): Promise<Ais> {
    return way === 'in process' ? near.connect() : connect({ socketPath: join(cluster.directory, 'ais.sock') });
  }

  /** One on each of two nodes; the first made in the given way. */
  async function users(): Promise<{ user: User; far: User }> {
    near = await cluster.start(1, { ipc: { socket: join(cluster.directory, 'ais.sock') } });
    const second = await cluster.start(2);
    await cluster.form(1, 2);
    return { user: await use(await connected()), far: await use(await second.connect()) };
  }

  test('take effect and are told in the order of the calls, whichever service they are of', async () => {
    const { user, far } = await users();
    const calls: string[] = [];
    const published: Promise<unknown>[] = [];
    for (let round = 0; round < 100; round++) {
      calls.push(`p${round}`, `s${round}`, `t${round}`);
      published.push(user.channel.publish(bytes(`p${round}`)));
      expect(user.session.send(bytes(`s${round}`))).toBe(true);
      expect(user.session.sendAll([bytes(`t${round}`)])).toBe(1);
    }
    await Promise.all(published);
    await user.session.flush();
    await until(() => far.heard.length === calls.length);
    expect(user.heard).toEqual(calls);
    expect(far.heard).toEqual(calls);
  }, 60_000);

  test('keep their order while they wait, and are seen by all in one order with those of others', async () => {
    const { user, far } = await users();
    const size = 30_000;
    const made = (by: User, who: string) =>
      Array.from({ length: 120 }, async (_, round) => {
        const published = by.channel.publish(bytes(`${who}p${round}`, size));
        await by.session.mcast(bytes(`${who}s${round}`, size));
        await published;
      });
    await Promise.all([...made(user, 'a'), ...made(far, 'b')]);
    await Promise.all([user.session.flush(), far.session.flush()]);
    await until(() => user.heard.length === 480 && far.heard.length === 480);
    expect(user.heard).toEqual(far.heard);
    for (const who of ['a', 'b']) {
      const calls = Array.from({ length: 120 }, (_, round) => [`${who}p${round}`, `${who}s${round}`]).flat();
      expect(user.heard.filter((name) => name.startsWith(who))).toEqual(calls);
    }
  }, 60_000);

  test('are told in their order also while another session of the connection is full', async () => {
    const { user, far } = await users();
    const reader = await connected();
    const { heard } = await use(reader);
    const slow = await reader.evs.join(['slow'], { queueBytes: 1 });
    const calls: string[] = [];
    const published: Promise<unknown>[] = [];
    await far.session.mcast(bytes('fill'), { to: ['slow'] });
    await far.session.mcast(bytes('fill'), { to: ['slow'] });
    await far.session.flush();
    for (let round = 0; round < 50; round++) {
      calls.push(`s${round}`, `p${round}`);
      expect(user.session.send(bytes(`s${round}`))).toBe(true);
      published.push(user.channel.publish(bytes(`p${round}`)));
    }
    await Promise.all(published);
    await user.session.flush();
    expect(heard).toEqual([]);
    await slow.close();
    await until(() => heard.length === calls.length);
    expect(heard).toEqual(calls);
  }, 60_000);

  test('are told in their order to a session that takes batches', async () => {
    const { user } = await users();
    const reader = await connected();
    const heard: string[] = [];
    const channel = await reader.evt.open('c', { subscriber: true });
    await channel.subscribe(['pass-all'], ({ data }) => heard.push(nameOf(data)));
    await reader.evs.join(['g'], {
      batch: (events) => {
        for (const event of events) if (event.type === 'message') heard.push(nameOf(event.data));
      },
    });
    const calls: string[] = [];
    for (let round = 0; round < 100; round++) {
      calls.push(`s${round}`, `p${round}`);
      expect(user.session.send(bytes(`s${round}`))).toBe(true);
      void user.channel.publish(bytes(`p${round}`));
    }
    await until(() => heard.length === calls.length);
    expect(heard).toEqual(calls);
  }, 60_000);
});
