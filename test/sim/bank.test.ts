import { describe, expect, it } from 'vitest';
import { checkBank } from '../../src/sim/bank.js';
import type { Delivered } from '../../src/sim/consumer.js';
import { checkStream } from '../../src/sim/delivery-stream.js';
import { checkHarness } from '../../src/sim/harness-checks.js';
import { type ProcessRecord, Recorder } from '../../src/sim/recorder.js';
import { formatFinding } from '../../src/sim/report.js';

const ring = (seq: number) => ({ representative: 1, nonce: 9, seq: BigInt(seq) });
const identity = (node: number) => ({ node, incarnation: 1n, salt: 0n });

function regular(seq: number, ...members: number[]): Delivered {
  return {
    kind: 'configuration',
    change: { kind: 'regular', ring: ring(seq), old: ring(seq - 4), members: members.map(identity) },
  };
}

function deposit(labelLow: number, sender = 1): Delivered {
  const place = { ordinal: 0, seqLow: 1, seqHigh: 0 };
  return { kind: 'message', sender, priority: 2, safe: false, ...place, length: 8, labelLow, labelHigh: 0 };
}

function record(node: number, delivered: Delivered[]): ProcessRecord {
  return { process: { node, incarnation: 1n }, events: [], delivered, damage: undefined, wasCrowded: false };
}

describe('the bank', () => {
  it('has equal books at those who go together', () => {
    const story = [regular(4, 1, 2, 3, 4), deposit(99), deposit(100), regular(8, 1, 2)];
    expect(checkBank([record(1, story), record(2, story)])).toEqual([]);
  });

  it('may differ between those who go different ways', () => {
    const first = [regular(4, 1, 2), deposit(99), regular(8, 1)];
    const second = [regular(4, 1, 2), regular(9, 2)];
    expect(checkBank([record(1, first), record(2, second)])).toEqual([]);
  });

  it('catches a deposit that one of them missed', () => {
    const first = [regular(4, 1, 2), deposit(99), regular(8, 1, 2)];
    const second = [regular(4, 1, 2), regular(8, 1, 2)];
    expect(checkBank([record(1, first), record(2, second)])).toHaveLength(1);
  });

  it('catches a deposit that was split among others', () => {
    const first = [regular(4, 1, 2), deposit(99), regular(8, 1), regular(12, 1, 2)];
    const second = [regular(4, 1, 2), regular(8, 1), deposit(99), regular(12, 1, 2)];
    expect(checkBank([record(1, first), record(2, second)]).length).toBeGreaterThan(0);
  });

  it('loses a deposit that is delivered before there is any branch', () => {
    expect(checkBank([record(1, [deposit(5), regular(4, 1)])])).toEqual([]);
    expect(checkBank([record(1, [regular(4), deposit(5), regular(8, 1)])])).toHaveLength(1);
  });
});

describe('what holds between a core and who uses it', () => {
  it('is reported as a finding, one for each that does not', () => {
    const recorder = new Recorder();
    const { process } = record(3, []);
    const stolen = [regular(4), deposit(5), regular(8, 1)];
    const damaged = { ...record(1, []), damage: 'message 3 is altered' };
    recorder.processes.push(damaged, record(2, stolen));
    recorder.malformed.push({ process, time: 5e9, command: 17 });
    expect(checkHarness(recorder, 7e9).map(formatFinding)).toEqual([
      'stream at 1.1,   7.000000000 s: message 3 is altered',
      'stream at 2.1,   7.000000000 s: reads a regular configuration, which was never delivered',
      'boundary at 3.1,   5.000000000 s: command 17 of membership makes no sense to the core',
      expect.stringContaining('bank at 2.1,   7.000000000 s: regular 4@1/9 to regular 8@1/9: '),
    ]);
  });
});

describe('what an application reads', () => {
  const event = {
    kind: 'deliver' as const,
    time: 1,
    ring: ring(4),
    seq: 1n,
    ordinal: 0,
    origin: 1,
    priority: 2,
    safe: false,
    length: 8,
    hash: 0n,
    label: 7n,
  };

  it('is a beginning of what was delivered', () => {
    expect(checkStream({ ...record(1, [deposit(7)]), events: [event, { ...event, seq: 2n }] })).toBeUndefined();
  });

  it('is nothing that was not delivered, and nothing else than what was', () => {
    expect(checkStream({ ...record(1, [deposit(7), deposit(7)]), events: [event] })).toContain('never delivered');
    for (const change of [{ origin: 2 }, { priority: 1 }, { safe: true }, { seq: 3n }, { length: 9 }, { label: 8n }]) {
      expect(checkStream({ ...record(1, [deposit(7)]), events: [{ ...event, ...change }] })).toContain('is read as');
    }
  });

  it('is whole', () => {
    expect(checkStream({ ...record(1, []), damage: 'message 3 is altered' })).toBe('message 3 is altered');
  });
});
