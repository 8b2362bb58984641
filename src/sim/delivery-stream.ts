/**
 * What an application reads is what its core recorded as delivered: same messages, same configurations, same order, whole and
 * unaltered. The checker sees the record alone; this holds the record to what really crossed the boundary.
 */
import type { TraceEvent } from './checker/trace.js';
import type { Delivered } from './consumer.js';
import type { ProcessRecord } from './recorder.js';

/** What is wrong, or undefined. */
export function checkStream({ events, delivered, damage }: ProcessRecord): string | undefined {
  if (damage !== undefined) return damage;
  let next = 0;
  for (const event of events) {
    if (event.kind !== 'deliver' && event.kind !== 'configuration') continue;
    const read = delivered[next++];
    // The rest was delivered and not read yet.
    if (read === undefined) return undefined;
    if (!isSame(event, read)) return `delivery ${next} is read as ${describe(read)} and recorded as ${describe(event)}`;
  }
  return next < delivered.length
    ? `reads ${describe(delivered[next] as Delivered)}, which was never delivered`
    : undefined;
}

function isSame(event: TraceEvent, read: Delivered): boolean {
  if (read.kind === 'configuration') {
    if (event.kind !== 'configuration' || event.configuration !== read.change.kind) return false;
    const { ring, members } = read.change;
    const sameMembers = members.every(({ node, incarnation }, i) => {
      return event.members[i]?.node === node && event.members[i]?.incarnation === incarnation;
    });
    return (
      sameMembers &&
      members.length === event.members.length &&
      ring.seq === event.ring.seq &&
      ring.nonce === event.ring.nonce
    );
  }
  if (event.kind !== 'deliver') return false;
  return (
    event.origin === read.sender &&
    event.priority === read.priority &&
    event.safe === read.safe &&
    event.ordinal === read.ordinal &&
    event.length === read.length &&
    event.seq === BigInt(read.seqHigh) * 0x1_0000_0000n + BigInt(read.seqLow) &&
    event.label === BigInt(read.labelHigh) * 0x1_0000_0000n + BigInt(read.labelLow)
  );
}

function describe(value: Delivered | TraceEvent): string {
  if (value.kind === 'configuration') {
    return `a ${'change' in value ? value.change.kind : value.configuration} configuration`;
  }
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
}
