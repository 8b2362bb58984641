import { describe, expect, expectTypeOf, it } from 'vitest';
import { ByteWriter } from '../../src/native/bytes.js';
import { decodeTrace, TRACE_RECORD_BYTES, type TracedEvent } from '../../src/native/trace.js';
import type { TraceEvent } from '../../src/sim/checker/trace.js';
import type { RingId } from '../../src/totem/boundary.js';
import { concatenate } from './support/core-side.js';
import { alice, bob, old, ring } from './support/samples.js';

interface Fields {
  readonly kind: number;
  readonly priority?: number;
  readonly flags?: number;
  readonly length?: number;
  readonly time?: bigint;
  readonly ring?: RingId;
  readonly seq?: bigint;
  readonly ordinal?: number;
  readonly origin?: number;
  readonly hash?: bigint;
  readonly label?: bigint;
}

function record(fields: Fields): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(fields.kind);
  writer.u8(fields.priority ?? 0);
  writer.u8(fields.flags ?? 0);
  writer.u8(0);
  writer.u32(fields.length ?? 0);
  writer.u64(fields.time ?? 0n);
  writer.ringId(fields.ring ?? { representative: 0, nonce: 0, seq: 0n });
  writer.u64(fields.seq ?? 0n);
  writer.u32(fields.ordinal ?? 0);
  writer.u32(fields.origin ?? 0);
  writer.u64(fields.hash ?? 0n);
  writer.u64(fields.label ?? 0n);
  return writer.finish();
}

const change = { kind: 1, time: 5n, ring, seq: old.seq, ordinal: old.nonce, origin: old.representative, length: 2 };
const members = [
  record({ kind: 4, time: 5n, ordinal: alice.node, seq: alice.incarnation }),
  record({ kind: 4, time: 5n, ordinal: bob.node, seq: bob.incarnation }),
];
const sent = {
  priority: 3,
  flags: 1,
  length: 11,
  time: 2n ** 52n,
  ring,
  seq: 9n,
  ordinal: 4,
  origin: 1,
  hash: 7n,
  label: 8n,
};

describe('a trace', () => {
  it('is decoded record by record, the members with their configuration', () => {
    const bytes = concatenate([
      record({ kind: 6, time: 1n, seq: alice.incarnation, origin: alice.node }),
      record(change),
      ...members,
      record({ ...sent, kind: 2 }),
      record({ ...sent, kind: 3, flags: 0 }),
      record({ kind: 5, time: 6n, ring }),
      record({ ...change, priority: 1, length: 0 }),
    ]);
    const pair = [alice, bob].map(({ node, incarnation }) => ({ node, incarnation }));
    const { flags: _, ...message } = { ...sent, time: 2 ** 52 };
    expect(decodeTrace(bytes)).toEqual([
      { kind: 'start', time: 1, node: alice.node, incarnation: alice.incarnation },
      { kind: 'configuration', time: 5, configuration: 'regular', ring, old, members: pair },
      { ...message, kind: 'send', safe: true },
      { ...message, kind: 'deliver', safe: false },
      { kind: 'freeze', time: 6, ring },
      { kind: 'configuration', time: 5, configuration: 'transitional', ring, old, members: [] },
    ]);
  });

  it('ends before a configuration whose members were not all written', () => {
    const whole = record({ kind: 5, ring });
    for (const written of [[], members.slice(0, 1)])
      expect(decodeTrace(concatenate([whole, record(change), ...written]))).toHaveLength(1);
  });

  it('is refused if a record is cut, of no kind, or no member where one should be', () => {
    expect(TRACE_RECORD_BYTES).toBe(64);
    expect(() => decodeTrace(record({ kind: 5 }).subarray(1))).toThrow('a trace of 63 bytes');
    expect(() => decodeTrace(record({ kind: 7 }))).toThrow('no record of a trace has kind 7');
    expect(() => decodeTrace(record({ kind: 4 }))).toThrow('no record of a trace has kind 4');
    const wrong = concatenate([record({ ...change, length: 1 }), record({ kind: 5 })]);
    expect(() => decodeTrace(wrong)).toThrow('a record of kind 5 where a member should be');
  });

  it('has the shapes that the checker reads', () => {
    expectTypeOf<TracedEvent>().toEqualTypeOf<TraceEvent>();
  });
});
