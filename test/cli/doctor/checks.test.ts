import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aisError } from '../../../src/ais-error.js';
import { examineAddon } from '../../../src/cli/doctor/addon.js';
import { examineMulticast, examinePorts } from '../../../src/cli/doctor/datagrams.js';
import { askStatus, examineStatus } from '../../../src/cli/doctor/executive.js';
import { examineBuffers, examineMemory, examinePriority } from '../../../src/cli/doctor/limits.js';
import type { Machine } from '../../../src/cli/doctor/machine.js';
import { examineNetwork, examineNodeList } from '../../../src/cli/doctor/network.js';
import { examineClock, examineStateDirectory } from '../../../src/cli/doctor/state-directory.js';
import { type ExecutiveConfig, type ResolvedConfig, resolveConfig } from '../../../src/config/index.js';
import type { RingCounters, Status } from '../../../src/observe/status.js';
import { serveStatus } from '../../ipc/support/status-server.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function resolved(totem: Partial<ExecutiveConfig['totem']> = {}, more: Partial<ExecutiveConfig> = {}) {
  const link = { bindnetaddr: '127.0.0.95', mcastport: 5951 };
  return resolveConfig({
    totem: { key: Buffer.alloc(128), interface: [link], ...totem },
    state: { dir: folder },
    ...more,
  });
}

/** A machine of these files. */
function machine(files: Readonly<Record<string, string>>, now = Date.now()): Machine {
  return { read: (path) => files[path], now: () => now };
}

const ethernet = (config: ResolvedConfig): ResolvedConfig => ({
  ...config,
  links: [{ ...config.links[0]!, interfaceName: 'eth7:1' }],
});
const card = (flags: number, mtu: number, carrier = '1') =>
  machine({
    '/sys/class/net/eth7/flags': `0x${flags.toString(16)}`,
    '/sys/class/net/eth7/mtu': String(mtu),
    '/sys/class/net/eth7/carrier': carrier,
  });
const levels = (findings: readonly { check: string; level: string }[]) =>
  Object.fromEntries(findings.map(({ check, level }) => [check, level]));

describe('An interface', () => {
  test.each([
    ['as it should be', card(0x1043, 1500), { interface: 'ok', 'multicast flag': 'ok', MTU: 'ok' }],
    ['that is down', card(0x1042, 1500), { interface: 'wrong', 'multicast flag': 'ok', MTU: 'ok' }],
    ['without a cable', card(0x1043, 1500, '0'), { interface: 'wrong', 'multicast flag': 'ok', MTU: 'ok' }],
    ['without multicast', card(0x43, 1500), { interface: 'ok', 'multicast flag': 'wrong', MTU: 'ok' }],
    ['of a small MTU', card(0x1043, 1400), { interface: 'ok', 'multicast flag': 'ok', MTU: 'wrong' }],
    ['that nobody knows', machine({}), { interface: 'warning' }],
  ])('%s', async (_, seen, expected) => {
    expect(levels(examineNetwork(ethernet(await resolved()), seen))).toEqual(expected);
  });

  test('says how to mend it, with its own name', async () => {
    const findings = examineNetwork(ethernet(await resolved()), card(0x42, 1400, '1'));
    expect(findings.map(({ mend }) => mend)).toEqual([
      'ip link set dev eth7 up',
      'ip link set dev eth7 multicast on, or set transport: udpu on all nodes',
      'set totem.netmtu: 1400 on all nodes, or ip link set dev eth7 mtu 1500',
    ]);
  });

  test('that nobody has is wrong: what can be bound need not receive', async () => {
    const config = await resolved();
    const nowhere = { ...config, links: [{ ...config.links[0]!, interfaceName: undefined }] };
    expect(examineNetwork(nowhere, machine({}))).toMatchObject([{ level: 'wrong', check: 'interface' }]);
  });

  test('of the node list that this machine has twice is told', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    const nodelist = { node: ['127.0.0.95', own[0]!].map((ring0_addr, i) => ({ nodeid: i + 1, ring0_addr })) };
    const config = await resolved({}, { nodelist });
    expect(examineNodeList(config)).toMatchObject([
      { level: 'warning', what: 'addresses of nodes 2 are of this machine too' },
    ]);
    expect(examineNodeList({ ...config, nodes: config.nodes.slice(0, 1) })).toMatchObject([{ level: 'ok' }]);
    expect(examineNodeList(await resolved())).toEqual([]);
  });
});

describe('Datagrams', () => {
  test('to the group come back; where there is no group nobody asks', async () => {
    const config = await resolved();
    expect(await examineMulticast(config)).toMatchObject([{ level: 'ok', check: 'multicast' }]);
    expect(await examineMulticast({ ...config, transport: 'udpu' })).toEqual([]);
  });

  test('from an address that is not of this machine do not', async () => {
    const config = await resolved();
    const foreign = { ...config, links: [{ ...config.links[0]!, address: '203.0.113.9' }] };
    expect(await examineMulticast(foreign)).toMatchObject([{ level: 'wrong', mend: expect.stringContaining('udpu') }]);
  });

  test('need a port that nobody has', async () => {
    const config = await resolved();
    expect(await examinePorts(config)).toMatchObject({ level: 'ok' });
    const other = createSocket('udp4').bind({ address: '127.0.0.95', port: 5950 });
    await once(other, 'listening');
    expect(await examinePorts(config)).toMatchObject({ level: 'wrong', mend: expect.stringContaining('ss -ulpn') });
    other.close();
  });
});

describe('Limits', () => {
  const poor = machine({ '/proc/self/status': 'CapEff:\t0000000000000000', '/proc/sys/net/core/rmem_max': '212992' });
  const mighty = machine({ '/proc/self/status': 'CapEff:\t000001ffffffffff' });
  const limits = (text: string) => machine({ '/proc/self/status': 'CapEff:\t0', '/proc/self/limits': text });

  test('of the receive buffer cost window', async () => {
    const config = await resolved();
    expect(examineBuffers(config, undefined, poor)).toMatchObject({
      level: 'warning',
      what: 'the ring would have 212992 bytes: 72 packets a rotation, not 256',
      mend: expect.stringContaining('net.core.rmem_max'),
    });
    expect(examineBuffers(config, undefined, mighty)).toMatchObject({ level: 'ok' });
    const modest = await resolved({ window_size: 50 });
    expect(examineBuffers(modest, undefined, poor)).toMatchObject({ level: 'ok' });
  });

  test('are what a running executive was granted, if one runs', async () => {
    const config = await resolved();
    const link = { number: 0, transport: 'udp' as const, endpoint: '', datagramBytes: 1472, receiveBuffer: 212_992 };
    const thread = { scheduling: 'plain' as const, memoryLocked: false, gso: true, gro: true };
    const status = { ...healthy, links: [link], thread };
    expect(examineBuffers(config, status, mighty)).toMatchObject({ level: 'warning' });
    expect(examinePriority(config, status, mighty)).toMatchObject({ level: 'warning' });
    const realtime = await resolved({ realtime: true });
    expect(examinePriority(realtime, status, mighty)).toMatchObject({ level: 'wrong' });
    expect(examineMemory(realtime, status, mighty)).toMatchObject([{ level: 'warning' }]);
  });

  test('of priority and memory matter as they are asked for', async () => {
    const [config, realtime] = [await resolved(), await resolved({ realtime: true })];
    expect(examinePriority(config, undefined, poor)).toMatchObject({ level: 'warning' });
    expect(examinePriority(config, undefined, limits('Max nice priority         25      25'))).toMatchObject({
      level: 'ok',
    });
    expect(examinePriority(realtime, undefined, poor)).toMatchObject({ level: 'wrong' });
    expect(examinePriority(realtime, undefined, limits('Max realtime priority     20      20'))).toMatchObject({
      level: 'ok',
    });
    expect(examineMemory(config, undefined, poor)).toEqual([]);
    expect(examineMemory(realtime, undefined, poor)).toMatchObject([{ level: 'warning' }]);
    const unlimited = limits('Max locked memory         unlimited      unlimited      bytes');
    expect(examineMemory(realtime, undefined, unlimited)).toMatchObject([{ level: 'ok' }]);
  });
});

describe('The state directory', () => {
  const at = async (dir: string) => examineStateDirectory({ ...(await resolved()), stateDirectory: dir });

  test('may be there or be made', async () => {
    expect(await at(folder)).toMatchObject({ what: expect.stringContaining('is writable') });
    expect(await at(join(folder, 'deep/er'))).toMatchObject({ what: expect.stringContaining('can be made') });
  });

  test('is none if a file stands there, or if it cannot be written to', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await at(join(folder, 'file'))).toMatchObject({ level: 'wrong' });
    // Of a file system that nobody writes to, root neither.
    expect(await at('/proc/nothing')).toMatchObject({ level: 'wrong' });
  });

  test('on a memory disk forgets', async () => {
    expect(await at('/dev/shm/openais')).toMatchObject({
      level: 'warning',
      mend: expect.stringContaining('on a disk'),
    });
  });
});

test('A clock that went back behind the last start of this node is told, and one that cannot be right', async () => {
  const config = await resolved();
  const now = Date.UTC(2027, 1);
  const path = join(folder, `node-${config.nodeId}.state`);
  const stored = (ms: number) => ({ [path]: `incarnation ${ms}\nringSeq 0` });
  expect(examineClock(config, machine(stored(now - 1), now))).toMatchObject({ level: 'ok' });
  expect(examineClock(config, machine(stored(now + 3_600_000), now))).toMatchObject({
    level: 'warning',
    what: 'it is 3600 s behind the last start of this node',
  });
  expect(examineClock(config, machine({}, 0))).toMatchObject({ level: 'wrong' });
  const source = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
  expect(examineClock(config, machine({ [source]: 'hpet' }, now))).toMatchObject({ level: 'warning' });
});

test('An addon that does not load is told with what to do', () => {
  const missing = () => {
    throw aisError('AIS_ERR_NATIVE_UNAVAILABLE', 'native.load', 'no addon', { hint: 'build it' });
  };
  expect(examineAddon(missing)).toMatchObject({ level: 'wrong', mend: 'build it' });
});

const healthy: Status = {
  nodeId: 1,
  state: 'operational',
  configuration: { id: '1.4', members: [1] },
  synchronized: true,
  primary: true,
  services: [],
  memory: { resident: 1, heap: 1 },
};
const ring: RingCounters = {
  ...{ packetsSent: 1000, packetsReceived: 1000, bytesSent: 0, bytesReceived: 0, dataRetransmitted: 10 },
  ...{ retransmitRequests: 0, tokensReceived: 0, tokenRetransmits: 0, messagesOriginated: 0, messagesDelivered: 0 },
  ...{ rotationMicroseconds: 0, window: 0, storeUsed: 0, dropped: { own: 5 } },
};

describe('A running executive', () => {
  test('of which nothing can be said is well', () => {
    expect(levels(examineStatus({ ...healthy, ring }))).toEqual({ membership: 'ok' });
  });

  test.each([
    ['no quorum', { primary: false, quorum: { expectedVotes: 3, votes: 1, needed: 2 } }, { membership: 'wrong' }],
    ['synchronisation', { synchronized: false }, { membership: 'warning' }],
    ['who is missing', { nodes: [{ nodeId: 2, member: false, votes: 1 }] }, { 'missing nodes': 'warning' }],
    [
      'a full buffer',
      { io: { datagramsSent: 0, datagramsReceived: 0, datagramsUnsent: 0, receiveOverflows: 1, refusals: 0 } },
      { 'lost datagrams': 'warning' },
    ],
    ['many retransmissions', { ring: { ...ring, dataRetransmitted: 11 } }, { retransmissions: 'warning' }],
    ['another key', { ring: { ...ring, dropped: { notAuthentic: 3 } } }, { 'foreign packets': 'warning' }],
  ] as const)('tells of %s', (_, changed, expected) => {
    expect(levels(examineStatus({ ...healthy, ...changed } as Status))).toMatchObject(expected);
  });

  test('that does not say what it should is wrong', async () => {
    const socket = join(folder, 'ais.sock');
    const server = await serveStatus(socket, () => ({ ...healthy, nodes: 'none' }) as unknown as Status);
    expect(await askStatus(socket, true)).toMatchObject({
      finding: { level: 'wrong', what: expect.stringContaining('no status') },
    });
    await server.close();
  });
});
