import { describe, expect, it } from 'vitest';
import { decodeTrace } from '../../../src/native/trace.js';
import { check, formatViolation, type ProcessTrace } from '../../../src/sim/checker/index.js';
import { broken } from './notation.js';

const RECORD = 64;

/** Records as docs/BOUNDARY.md lays them out. */
class Records {
  readonly #records: Uint8Array[] = [];
  readonly #node: number;
  #old = { representative: 0, seq: 0n };

  constructor(node: number) {
    this.#node = node;
    this.#add({ kind: 6, time: 0n, seq: 1n, origin: node });
  }

  configuration(time: bigint, priority: number, ring: { representative: number; seq: bigint }, nodes: number[]): this {
    const { representative: origin, seq } = this.#old;
    this.#add({ kind: 1, priority, length: nodes.length, time, ring, seq, ordinal: Number(seq), origin });
    for (const node of nodes) this.#add({ kind: 4, time, seq: 1n, ordinal: node });
    if (priority === 0) this.#old = ring;
    return this;
  }

  freeze(time: bigint): this {
    this.#add({ kind: 5, time, ring: this.#old });
    return this;
  }

  message(kind: 2 | 3, time: bigint, origin: number, seq: bigint): this {
    const label = BigInt(origin) * 1000n + seq;
    this.#add({
      kind,
      priority: 2,
      flags: 1,
      length: 8,
      time,
      ring: this.#old,
      seq,
      origin,
      hash: label << 32n,
      label,
    });
    return this;
  }

  trace(): ProcessTrace {
    const bytes = new Uint8Array(this.#records.length * RECORD);
    for (const [i, record] of this.#records.entries()) bytes.set(record, i * RECORD);
    return { process: { node: this.#node, incarnation: 1n }, events: decodeTrace(bytes) };
  }

  #add(
    fields: Partial<Record<'kind' | 'priority' | 'flags' | 'length' | 'ordinal' | 'origin', number>> & {
      time: bigint;
      seq?: bigint;
      hash?: bigint;
      label?: bigint;
      ring?: { representative: number; seq: bigint };
    },
  ): void {
    const bytes = new Uint8Array(RECORD);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, fields.kind ?? 0);
    view.setUint8(1, fields.priority ?? 0);
    view.setUint8(2, fields.flags ?? 0);
    view.setUint32(4, fields.length ?? 0, true);
    view.setBigUint64(8, fields.time, true);
    view.setUint32(16, fields.ring?.representative ?? 0, true);
    view.setUint32(20, Number(fields.ring?.seq ?? 0n), true);
    view.setBigUint64(24, fields.ring?.seq ?? 0n, true);
    view.setBigUint64(32, fields.seq ?? 0n, true);
    view.setUint32(40, fields.ordinal ?? 0, true);
    view.setUint32(44, fields.origin ?? 0, true);
    view.setBigUint64(48, fields.hash ?? 0n, true);
    view.setBigUint64(56, fields.label ?? 0n, true);
    this.#records.push(bytes);
  }
}

function records(node: number): Records {
  const ring = { representative: 1, seq: 5n };
  return new Records(node)
    .configuration(0n, 0, { representative: node, seq: 1n }, [node])
    .freeze(10n)
    .configuration(10n, 1, ring, [node])
    .configuration(10n, 0, ring, [1, 2]);
}

describe('traces as they are decoded', () => {
  it('are legal if what they tell is', () => {
    const first = records(1).message(2, 20n, 1, 1n).message(3, 40n, 1, 1n).trace();
    const second = records(2).message(3, 30n, 1, 1n).trace();
    expect(broken({ traces: [first, second], end: 50 })).toEqual([]);
  });

  it('are illegal if it is not, and the finding names the event', () => {
    const first = records(1).message(2, 20n, 1, 1n).message(3, 40n, 1, 1n).trace();
    const second = records(2).message(3, 30n, 1, 2n).trace();
    const [found, ...others] = check({ traces: [first, second], end: 50 });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ predicate: 'E2', process: { node: 2, incarnation: 1n }, time: 30, index: 5 });
    expect(formatViolation(found!)).toBe(
      'E2 at 2.1, 0.000030 ms, event 5: delivers safe message #1002 of 1 (seq 2 of ring 5 of 1), which nobody sent',
    );
  });
});
