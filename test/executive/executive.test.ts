import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Configuration, EvsSession } from '../../src/client/evs/types.js';
import { Executive, type Logger, type ServiceDefinition } from '../../src/executive/index.js';
import { fetchStatus } from '../../src/ipc/status.js';
import { Cluster, until } from './support/cluster.js';

/** A service that does nothing. */
const OTHER = { id: 'mine', number: 64, library: {}, executive: {}, start() {} };

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.make();
});
afterEach(() => cluster.close(), 30_000);

const bytes = (text: string) => Buffer.from(text);

class Log implements Logger {
  readonly lines: string[] = [];
  debug(_fields: object, message: string): void {
    this.lines.push(`debug ${message}`);
  }
  info(_fields: object, message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(_fields: object, message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(_fields: object, message: string): void {
    this.lines.push(`error ${message}`);
  }
}

async function listen(executive: Executive, texts: string[], group = 'g'): Promise<EvsSession> {
  const ais = await executive.connect();
  return ais.evs.join([group], { message: ({ data, sender }) => texts.push(`${sender} ${data}`) });
}

describe('One executive', () => {
  test('has delivered its first regular configuration when start() resolves, and says so', async () => {
    const executive = await cluster.start(1);
    const status = executive.status();
    expect(status).toMatchObject({ nodeId: 1, state: 'operational', synchronized: true, primary: true });
    expect(status.configuration.members).toEqual([1]);
    expect(status.services.map(({ id }) => id)).toEqual(['evs', 'clm', 'ckpt', 'evt']);
    expect(status.services[2]).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{16}$/), checkpoints: 0 });
    const ais = await executive.connect();
    expect(ais).toMatchObject({ nodeId: 1, versions: { evs: 'B.01.01' } });
    expect(ais.evs.configuration).toMatchObject({ kind: 'regular', id: status.configuration.id });
  });

  test('serves several connections, each on its own', async () => {
    const executive = await cluster.start(1);
    const [one, two] = [await executive.connect(), await executive.connect()];
    const session = await two.evs.join(['g']);
    await one.close();
    expect(session.send(bytes('x'))).toBe(true);
    await session.flush();
    expect(() => one.service('nothing')).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_BAD_HANDLE' }));
    expect(() => two.service('nothing')).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_NOT_EXIST' }));
  });

  test('answers at its socket with the same status document', async () => {
    const socket = join(cluster.directory, 'ais.sock');
    const executive = await cluster.start(1, { ipc: { socket } });
    const { ring, memory, ...status } = executive.status();
    expect(await fetchStatus(socket)).toMatchObject({ ...status, clients: 1 });
    expect(ring?.packetsSent).toBeGreaterThan(0);
    expect(memory.resident).toBeGreaterThan(memory.heap);
    await executive.stop();
    await expect(fetchStatus(socket)).rejects.toMatchObject({ code: 'SA_AIS_ERR_UNAVAILABLE' });
  });

  test('logs its start, its configurations and its end where it was told to', async () => {
    const logger = new Log();
    const executive = await cluster.start(1, {}, { logger });
    await executive.stop();
    expect(logger.lines[0]).toBe('info executive starts');
    expect(logger.lines).toContain('info configuration');
    expect(logger.lines.at(-1)).toBe('info executive ends');
  });

  test('takes a higher incarnation at each start, from its state directory', async () => {
    const file = join(cluster.directory, 'node1', 'node-1.state');
    const stored = async () => BigInt(/^incarnation (\d+)/.exec(await readFile(file, 'latin1'))![1]!);
    await (await cluster.start(1)).stop();
    const first = await stored();
    await (await cluster.start(1)).stop();
    expect(await stored()).toBeGreaterThan(first);
    const far = first + 10n ** 12n;
    await writeFile(file, `incarnation ${far}\nringSeq 4096\n`);
    const executive = await cluster.start(1);
    expect(await stored()).toBe(far + 1n);
    expect(executive.status().configuration.id).toMatch(/^1\.4100\./);
  });

  test('goes on without a state file that is damaged, and warns', async () => {
    await (await cluster.start(1)).stop();
    await writeFile(join(cluster.directory, 'node1', 'node-1.state'), 'rubbish');
    const logger = new Log();
    const executive = await cluster.start(1, {}, { logger });
    expect(executive.status().state).toBe('operational');
    expect(logger.lines.some((line) => line.startsWith('warn') && line.includes('damaged'))).toBe(true);
  });
});

describe('Several executives in one process', () => {
  test('C183: form a ring and deliver everything in one order', async () => {
    const executives = await Promise.all([1, 2, 3].map((node) => cluster.start(node)));
    await cluster.form(1, 2, 3);
    const heard: string[][] = [[], [], []];
    const sessions = await Promise.all(executives.map((executive, i) => listen(executive, heard[i]!)));
    const count = 1000;
    const send = async (session: EvsSession) => {
      for (let i = 0; i < count; i++) await session.mcast(bytes(String(i)));
      await session.flush();
    };
    await Promise.all(sessions.map(send));
    await until(() => heard.every(({ length }) => length === 3 * count));
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[2]).toEqual(heard[0]);
  }, 60_000);

  test('see a member leave at once, and have its last messages', async () => {
    const executives = await Promise.all([1, 2, 3].map((node) => cluster.start(node)));
    await cluster.form(1, 2, 3);
    const heard: string[] = [];
    const configurations: Configuration[] = [];
    const ais = await executives[0]!.connect();
    await ais.evs.join(['g'], {
      message: ({ data }) => heard.push(data.toString()),
      configuration: (configuration) => configurations.push(configuration),
    });
    const leaving = await listen(executives[2]!, []);
    for (let i = 0; i < 100; i++) expect(leaving.send(bytes(String(i)))).toBe(true);
    await executives[2]!.stop();
    await cluster.form(1, 2);
    expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(configurations.at(-1)).toMatchObject({ kind: 'regular', members: [1, 2], joined: [], left: [3] });
    expect(configurations.at(-2)).toMatchObject({ kind: 'transitional', members: [1, 2], left: [3] });
  }, 60_000);

  test('let a newcomer read what is sent to groups that were named before it came', async () => {
    const first = await cluster.start(1);
    const sender = await listen(first, []);
    let isEnough = false;
    let count = 0;
    const sending = (async () => {
      while (!isEnough) {
        await sender.mcast(bytes(String(count++)));
        await delay(0);
      }
    })();
    const heard: string[] = [];
    await listen(await cluster.start(2), heard);
    await until(() => heard.length > 100);
    isEnough = true;
    await sending;
    await until(() => heard.at(-1) === `1 ${count - 1}`);
    // Nothing is missing from the first that it got to the last that was sent.
    const numbers = heard.map((text) => Number(text.split(' ')[1]));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers[0]! + i));
  }, 60_000);

  test('let a member in again that started again, as another process', async () => {
    await Promise.all([1, 2].map((node) => cluster.start(node)));
    await cluster.form(1, 2);
    const before = cluster.executives.get(1)!.status().configuration.id;
    await cluster.executives.get(2)!.stop();
    await cluster.form(1);
    await cluster.start(2);
    await cluster.form(1, 2);
    expect(cluster.executives.get(1)!.status().configuration.id).not.toBe(before);
  }, 60_000);
});

describe('The end', () => {
  test('stop() ends connections and sessions with the reason, and refuses what is pending', async () => {
    const executive = await cluster.start(1);
    const ais = await executive.connect();
    const session = await ais.evs.join(['g']);
    const iterated = (async () => {
      for await (const event of session) if (event.type === 'message') return 'a message';
      return 'the end';
    })();
    await delay(20);
    await executive.stop();
    expect(await executive.closed).toBeUndefined();
    expect(await iterated).toBe('the end');
    expect(await session.closed).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    expect(await ais.closed).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    await expect(executive.connect()).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
    await executive.stop();
    await executive[Symbol.asyncDispose]();
  });

  test('after a stop the same node starts again at the same place', async () => {
    for (let i = 0; i < 3; i++) {
      const executive = await cluster.start(1);
      expect(executive.status().state).toBe('operational');
      await executive.stop();
    }
  }, 30_000);
});

describe('An executive that has to give up', () => {
  test('because the others know a later incarnation says so, and the next start is right', async () => {
    const file = join(cluster.directory, 'node2', 'node-2.state');
    await Promise.all([1, 2].map((node) => cluster.start(node)));
    await cluster.executives.get(2)!.stop();
    await cluster.form(1);
    const far = BigInt(Date.now()) + 10n ** 9n;
    await writeFile(file, `incarnation ${far}\nringSeq 4096\n`);
    await cluster.start(2);
    await cluster.form(1, 2);
    await cluster.executives.get(2)!.stop();
    await cluster.form(1);
    // The disk forgot: by the clock alone the node takes an incarnation that the other has seen the end of.
    await rm(file);
    // That may come before or after its first configuration.
    const end = await Executive.start(cluster.config(2)).then(
      (stale) => stale.closed,
      (error: unknown) => error,
    );
    expect(end).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY', message: expect.stringContaining('later') });
    await cluster.start(2);
    await cluster.form(1, 2);
  }, 60_000);

  test('because its application takes nothing leaves the ring, which goes on', async () => {
    const config = cluster.config(2);
    const slow = await cluster.start(2, { totem: { ...config.totem, slow_consumer: 300 } });
    const other = await cluster.start(1);
    await cluster.form(1, 2);
    const ais = await slow.connect();
    const stuck = await ais.evs.join(['g'], { queueBytes: 1 });
    const sender = await listen(other, []);
    const filler = Buffer.alloc(100_000);
    const filling = (async () => {
      while (slow.status().state !== 'gather') await sender.mcast(filler, { to: ['g'], timeout: 20 }).catch(() => {});
    })();
    expect(await slow.closed).toMatchObject({
      code: 'SA_AIS_ERR_LIBRARY',
      message: expect.stringContaining('too long'),
    });
    expect(await stuck.closed).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    await filling;
    await cluster.form(1);
  }, 60_000);

  test('ends for a stop() as well that comes while it goes', async () => {
    const config = cluster.config(1);
    const slow = await cluster.start(1, { totem: { ...config.totem, slow_consumer: 300 } });
    const ais = await slow.connect();
    await ais.evs.join(['g'], { queueBytes: 1 });
    const sender = await listen(slow, []);
    const filler = Buffer.alloc(100_000);
    while (slow.status().state === 'operational') {
      await sender.mcast(filler, { timeout: 20 }).catch(() => {});
      await turn();
    }
    await slow.stop();
    await slow.closed;
  }, 30_000);
});

describe('A start that fails', () => {
  test('says what is wrong with the configuration', async () => {
    const any = (value: object) => value as never;
    await expect(Executive.start(any({ totem: { tokn: 5 } }))).rejects.toThrow(/tokn/);
    await expect(Executive.start(any({ totem: { tokn: 5 } }))).rejects.toMatchObject({
      code: 'SA_AIS_ERR_INVALID_PARAM',
    });
    await expect(Executive.start(join(cluster.directory, 'none.conf'))).rejects.toThrow(/none\.conf: /);
  });

  test('says what is wrong with its options', async () => {
    const start = (options: unknown) => Executive.start(cluster.config(1), options as never);
    for (const options of [null, 5, { signal: 5 }])
      await expect(start(options)).rejects.toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  });

  test('for a signal that was aborted rejects with its reason, before and in the middle', async () => {
    const config = cluster.config(1);
    await expect(Executive.start(config, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    const controller = new AbortController();
    const starting = Executive.start(config, { signal: controller.signal });
    setImmediate(() => controller.abort('meanwhile'));
    await expect(starting).rejects.toBe('meanwhile');
    // Nothing of it is left: the same address can be had again.
    await cluster.start(1);
  });

  test('because another executive has the socket leaves nothing behind', async () => {
    const ipc = { socket: join(cluster.directory, 'ais.sock') };
    await cluster.start(1, { ipc });
    await expect(cluster.start(2, { ipc })).rejects.toMatchObject({ code: 'SA_AIS_ERR_EXIST' });
    await cluster.start(2);
    await cluster.form(1, 2);
  }, 30_000);

  test('because its address is taken says so', async () => {
    await cluster.start(1);
    const twin = cluster.config(1, { state: { dir: join(cluster.directory, 'twin') } });
    await expect(Executive.start(twin)).rejects.toMatchObject({ code: 'SA_AIS_ERR_INIT' });
  });

  test.each([
    [{ id: 'mine' }, "service 'mine' lacks handlers"],
    [{ ...OTHER, number: 63 }, "the number of service 'mine' must be from 64 to 255"],
    [{ ...OTHER, id: 'ckpt' }, "service 'ckpt' has the id or number of service 'ckpt'"],
  ])('because a service of a third party is none says so: %#', async (service, what) => {
    const starting = Executive.start(cluster.config(1), { services: [service as ServiceDefinition] });
    await expect(starting).rejects.toMatchObject({
      code: 'SA_AIS_ERR_INVALID_PARAM',
      message: expect.stringContaining(what),
    });
  });
});
