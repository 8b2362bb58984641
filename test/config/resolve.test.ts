import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { check } from '../../src/config/check.js';
import { type ExecutiveConfig, loadConfig, resolveConfig } from '../../src/config/index.js';
import { parse } from '../../src/config/parse.js';
import type { KeySpec, SectionSpec, schema } from '../../src/config/schema.js';
import { makeTimers } from '../../src/totem/timers.js';
import { machineWith } from './machine.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  writeFileSync(join(folder, 'authkey'), Buffer.alloc(128, 7), { mode: 0o400 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const key = new Uint8Array(128).fill(7);

async function load(text: string) {
  const file = join(folder, 'openais.conf');
  writeFileSync(file, text);
  return loadConfig(file, machineWith());
}

test('The smallest file gets every default', async () => {
  const config = await load('totem {\n  keyfile: authkey\n  interface {\n    bindnetaddr: 192.0.2.0\n  }\n}\n');
  expect(config).toEqual({
    values: expect.objectContaining({
      totem: expect.objectContaining({ cluster_name: 'openais', keyfile: 'authkey' }),
    }),
    file: join(folder, 'openais.conf'),
    clusterName: 'openais',
    clusterTag: expect.any(Number),
    nodeId: 0xc000020a,
    transport: 'udp',
    protection: { cipher: 'aes256gcm', key: Buffer.alloc(128, 7) },
    datagramBytes: 1472,
    links: [
      {
        number: 0,
        address: '192.0.2.10',
        interfaceName: 'eth0',
        multicastAddress: expect.stringMatching(/^239\.192\.\d+\.\d+$/),
        port: 5405,
        ttl: 1,
      },
    ],
    linkMode: 'passive',
    nodes: [],
    timers: makeTimers({ nodes: 8 }),
    window: { perVisit: 0 },
    quorum: undefined,
    ipc: { socketPath: '/run/ais/ais.sock', group: undefined, allowed: [] },
    stateDirectory: '/var/lib/ais',
    event: { deliveryQueueSize: 1000, deliveryQueueResume: 500 },
    logging: { toStderr: true, logfile: undefined, debug: false, format: 'text' },
    realtime: false,
    trace: undefined,
    flightRecords: 2048,
    metrics: undefined,
    warnings: [],
  });
});

test('The three lines of 2004 are one interface', () => {
  const { tree, problems } = parse('bindnetaddr:127.0.0.1\nmcastaddr:226.94.1.1\nmcastport:6000\n');
  const checked = check(tree);
  expect([...problems, ...checked.problems]).toEqual([]);
  const link = { bindnetaddr: '127.0.0.1', mcastaddr: '226.94.1.1', mcastport: 6000, linknumber: 0, ttl: 1 };
  expect(checked.config.totem.interface).toEqual([link]);
});

test('A file and an object say the same', async () => {
  const fromFile = await load(`
# A cluster of two, by unicast.
totem {
  version: 2
  cluster_name: bank      # of the talk
  transport: udpu
  keyfile: authkey
  nodeid: 2
  token: 400
  netmtu: 9000
  interface {
    mcastport: 5500
  }
}
nodelist {
  node { 
    nodeid: 1
    name: alpha
    ring0_addr: 127.0.0.1
  }
  node {
    nodeid: 2
    ring0_addr: 127.0.0.2
    quorum_votes: 3
  }
}
quorum {
  two_node: no
}
ipc { socket: off }
uidgid { uid: 1000 }
uidgid { gid: 100 }
logging {
  to_stderr: no
  format: json
}
`);
  const fromObject = await resolveConfig(
    {
      totem: {
        version: '2',
        cluster_name: 'bank',
        transport: 'udpu',
        key,
        nodeid: 2,
        token: 400,
        netmtu: 9000,
        interface: [{ mcastport: 5500 }],
      },
      nodelist: {
        node: [
          { nodeid: 1, name: 'alpha', ring0_addr: '127.0.0.1' },
          { nodeid: 2, ring0_addr: '127.0.0.2', quorum_votes: 3 },
        ],
      },
      quorum: { two_node: false },
      ipc: { socket: false },
      uidgid: [{ uid: 1000 }, { gid: 100 }],
      logging: { to_stderr: false, format: 'json' },
    },
    machineWith(),
  );
  // The key came in two ways.
  const apart = { file: undefined, protection: undefined, values: undefined };
  expect({ ...fromFile, ...apart }).toEqual({ ...fromObject, ...apart });
  const { keyfile: _, key: __, ...totem } = fromFile.values.totem;
  expect(fromObject.values).toMatchObject({ ...fromFile.values, totem });
  expect(Buffer.from((fromFile.protection as { key: Uint8Array }).key)).toEqual(Buffer.from(key));
  expect(fromFile).toMatchObject({
    nodeId: 2,
    datagramBytes: 8972,
    links: [{ address: '127.0.0.2', interfaceName: 'lo', port: 5500 }],
    quorum: { expectedVotes: 4, twoNode: false },
    ipc: { socketPath: undefined, allowed: [{ uid: 1000 }, { gid: 100 }] },
  });
});

test('Without nodeid the node list gives the id of the own address', async () => {
  const nodelist = { node: [9, 5].map((nodeid) => ({ nodeid, ring0_addr: `192.0.2.${nodeid * 2}` })) };
  const config = await resolveConfig({ totem: { key }, nodelist }, machineWith());
  expect(config.nodeId).toBe(5);
  expect(config.nodes.map(({ nodeId }) => nodeId)).toEqual([5, 9]);
});

test('Timers follow from the number of nodes and from what is set', async () => {
  const node = [1, 2, 3].map((nodeid) => ({ nodeid, ring0_addr: `127.0.0.${nodeid}` }));
  const totem = { key, nodeid: 1, consensus: 500 };
  const { timers } = await resolveConfig({ totem, nodelist: { node } }, machineWith());
  expect(timers).toEqual(makeTimers({ nodes: 3, set: { consensus: 500 } }));
});

test('Clusters of different names have different groups and tags', async () => {
  const totem = { key, interface: [{ bindnetaddr: '127.0.0.1' }] };
  const [a, b] = await Promise.all(
    ['a', 'b'].map((cluster_name) => resolveConfig({ totem: { ...totem, cluster_name } }, machineWith())),
  );
  expect(a!.links[0]!.multicastAddress).not.toBe(b!.links[0]!.multicastAddress);
  expect(a!.clusterTag).not.toBe(b!.clusterTag);
});

test('Plain text needs no key, but says so twice', async () => {
  const interfaces = { interface: [{ bindnetaddr: '127.0.0.1' }] };
  const config = await resolveConfig({ totem: { crypto: 'none', insecure: true, ...interfaces } }, machineWith());
  expect(config.protection).toEqual({ cipher: 'none' });
});

test('Two nodes with two_node wait for each other once', async () => {
  const totem = { key, interface: [{ bindnetaddr: '127.0.0.1' }] };
  const config = await resolveConfig({ totem, quorum: { expected_votes: 2, two_node: true } }, machineWith());
  expect(config.quorum).toEqual({ expectedVotes: 2, twoNode: true, waitForAll: true, autoTieBreaker: false });
});

test('A key file that others may read is used with a warning', async () => {
  const keyfile = join(folder, 'open');
  writeFileSync(keyfile, Buffer.alloc(128), { mode: 0o644 });
  const totem = { keyfile, interface: [{ bindnetaddr: '127.0.0.1' }] };
  expect((await resolveConfig({ totem }, machineWith())).warnings).toEqual([expect.stringContaining('mode 0644')]);
});

test('The object form names the property that is wrong', async () => {
  const broken = {
    totem: { key: new Uint8Array(5), nodeid: 2 ** 32, interface: [{ mcastprot: 1 }, 5] },
    ipc: { socket: true },
    logging: [],
    nodelist: { node: 'alpha' },
  } as unknown as ExecutiveConfig;
  await expect(resolveConfig(broken, machineWith())).rejects.toMatchObject({
    code: 'SA_AIS_ERR_INVALID_PARAM',
    message: [
      "config: totem.interface: 'interface' is a section: interface { … }",
      "config: totem.nodeid: 'nodeid': expected a whole number from 1 to 4294967295, not 4294967296",
      "config: totem.key: 'key': has 5 bytes; 128 are needed",
      "config: nodelist.node: 'node' is a section: node { … }",
      "config: ipc.socket: 'socket': expected a path, or 'off' (false), not true",
    ].join('\n'),
  });
  await expect(resolveConfig(undefined as unknown as ExecutiveConfig)).rejects.toThrow('expected an object');
});

test('Where metrics are served, by whose name, and for which token', async () => {
  const totem = 'totem {\n  keyfile: authkey\n  interface {\n    bindnetaddr: 127.0.0.1\n  }\n}\n';
  const metrics = async (text: string) => (await load(`${totem}metrics {\n${text}\n}\n`)).metrics;
  const token = 'abcdefghij0123456789';
  writeFileSync(join(folder, 'token'), `${token}\n`, { mode: 0o400 });
  const open = { address: '127.0.0.2', port: 9190, token: undefined, hosts: [] };
  expect(await metrics('listen: 127.0.0.2:9190')).toEqual(open);
  expect(await metrics('listen: 0.0.0.0:80\ntoken_file: token\nhosts: Ais.example  node-1')).toEqual({
    address: '0.0.0.0',
    port: 80,
    token,
    hosts: ['ais.example', 'node-1'],
  });
  expect(await metrics('token_file: token')).toBeUndefined();
  const interfaces = [{ bindnetaddr: '127.0.0.1' }];
  const fromObject = await resolveConfig(
    { totem: { key, interface: interfaces }, metrics: { listen: '127.0.0.2:9190', hosts: ['a'] } },
    machineWith(),
  );
  expect(fromObject.metrics).toEqual({ ...open, hosts: ['a'] });
  const wrong = { totem: { key, interface: interfaces }, metrics: { hosts: 'a' } } as unknown as ExecutiveConfig;
  await expect(resolveConfig(wrong, machineWith())).rejects.toThrow('expected 1 to 16 names of hosts');
});

test('A file that cannot be read is named', async () => {
  await expect(loadConfig(join(folder, 'none'))).rejects.toThrow('none: there is no such file');
  await expect(loadConfig(folder)).rejects.toThrow('is a directory');
  writeFileSync(join(folder, 'latin'), Buffer.from([0x74, 0xe9, 0x0a]));
  await expect(loadConfig(join(folder, 'latin'))).rejects.toThrow('is not text in UTF-8');
  writeFileSync(join(folder, 'large'), Buffer.alloc(1024 * 1024 + 1, 0x20));
  await expect(loadConfig(join(folder, 'large'))).rejects.toThrow('has more than 1048576 bytes');
});

test('The documented object form has the keys of the table, no more and no fewer', () => {
  type Given<T> = T extends KeySpec<infer V> ? V : never;
  type Input<S extends SectionSpec> = { [K in keyof S['keys']]?: Given<S['keys'][K]> } & {
    [K in keyof S['sections']]?: S['sections'][K]['max'] extends 1
      ? Input<S['sections'][K]>
      : ReadonlyArray<Input<S['sections'][K]>>;
  };
  type Totem = NonNullable<Input<typeof schema>['totem']>;
  expectTypeOf<keyof ExecutiveConfig>().toEqualTypeOf<keyof Input<typeof schema>>();
  expectTypeOf<keyof ExecutiveConfig['totem']>().toEqualTypeOf<keyof Totem>();
  expectTypeOf<ExecutiveConfig>().toExtend<Input<typeof schema>>();
});
