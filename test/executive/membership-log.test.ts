import { expect, test } from 'vitest';
import { MembershipLog } from '../../src/executive/membership-log.js';
import { FlightRecorder } from '../../src/observe/flight-recorder.js';
import { silent } from '../../src/observe/log.js';
import type { Identity, RingId } from '../../src/totem/boundary.js';

const ring: RingId = { representative: 1, nonce: 0xab, seq: 8n };
const identity = (node: number): Identity => ({ node, incarnation: 1n, salt: 2n });
const member = (node: number) => ({ node, incarnation: 1n });

function makeLog() {
  const recorder = new FlightRecorder({
    directory: '/nowhere',
    node: 1,
    capacity: 100,
    onWritten() {},
    onFailure() {},
  });
  return { recorder, log: new MembershipLog(1, recorder, silent) };
}

const join = {
  ringSeq: 8n,
  old: ring,
  rotationCount: 0,
  flags: 0,
  versionMin: 1,
  versionMax: 1,
  proc: [member(1), member(2)],
  fail: [member(3)],
  heard: [],
};

test('A step is recorded with what it was told and what was decided, processes by their nodes and rings by their names', () => {
  const { recorder, log } = makeLog();
  log.step(
    { type: 'event', event: { type: 'control', sender: identity(2), link: 0, packet: 'join', body: join } },
    [
      { type: 'command', command: { type: 'freeze', handle: 4 } },
      { type: 'state', from: 'operational', to: 'gather', reason: 'a join', ring },
    ],
    5,
  );
  expect(recorder.records).toEqual([
    { time: 5, kind: 'input', input: 'join', from: 2, ...join, old: '1.8.000000ab', proc: [1, 2], fail: [3] },
    { time: 5, kind: 'output', output: 'freeze', handle: 4 },
    {
      time: 5,
      kind: 'output',
      output: 'state',
      from: 'operational',
      to: 'gather',
      reason: 'a join',
      ring: '1.8.000000ab',
    },
  ]);
});

test('What goes on for ever is not recorded, unless something came of it', () => {
  const { recorder, log } = makeLog();
  const body = { ring, members: [1], heard: [] };
  const announce = { type: 'command', command: { type: 'control', node: 0, packet: 'mergeDetect', body } } as const;
  log.step({ type: 'tick' }, [announce], 1);
  log.step({ type: 'event', event: { type: 'pong', peer: identity(2), lagMs: 0, roundTripUs: 9 } }, [], 2);
  expect(recorder.records).toEqual([]);
  log.step({ type: 'tick' }, [announce, { type: 'left' }], 3);
  expect(recorder.records.map(({ input, output }) => input ?? output)).toEqual(['tick', 'mergeDetect', 'left']);
  expect(recorder.records[1]).toMatchObject({ to: 'all', ring: '1.8.000000ab' });
});

test('Inputs, states, lost tokens and configurations are counted', () => {
  const { log } = makeLog();
  log.step({ type: 'boot' }, [{ type: 'state', from: 'boot', to: 'operational', reason: 'first', ring }], 1);
  const lost = { type: 'event', event: { type: 'tokenLoss', handle: 1 } } as const;
  log.step(lost, [{ type: 'state', from: 'operational', to: 'gather', reason: 'token lost', ring }], 2);
  log.step({ type: 'tick' }, [], 3);
  log.configuration({ kind: 'regular' }, 4);
  const { inputs, entered, tokenLost, configurations } = log.counts;
  expect(Object.fromEntries(inputs)).toEqual({ boot: 1, tokenLoss: 1, tick: 1 });
  expect(Object.fromEntries(entered)).toEqual({ operational: 1, gather: 1 });
  expect(Object.fromEntries(tokenLost)).toEqual({ operational: 1 });
  expect(Object.fromEntries(configurations)).toEqual({ regular: 1 });
});
