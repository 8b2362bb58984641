/** Literal values for the tests of membership. */
import type { CommitEntry, ControlPacket, CoreEvent, Identity, JoinBody, RingId } from '../../src/totem/boundary.js';

export function identity(node: number, incarnation = 1n): Identity {
  return { node, incarnation, salt: BigInt(node) * 1000n + incarnation };
}

export function member(node: number, incarnation = 1n): { node: number; incarnation: bigint } {
  return { node, incarnation };
}

export function members(...nodes: number[]): { node: number; incarnation: bigint }[] {
  return nodes.map((node) => member(node));
}

export function ring(representative: number, seq: bigint, nonce = 7): RingId {
  return { representative, nonce, seq };
}

/** A Join; proc is `nodes`. */
export function join(nodes: number[], more: Partial<JoinBody> = {}): JoinBody {
  return {
    ringSeq: 100n,
    old: ring(1, 100n),
    rotationCount: 0,
    flags: 0,
    versionMin: 1,
    versionMax: 1,
    proc: members(...nodes),
    fail: [],
    heard: members(...nodes),
    ...more,
  };
}

export function control(sender: Identity, packet: ControlPacket): CoreEvent & { type: 'control' } {
  return { type: 'control', sender, link: 0, ...packet };
}

/** A filled entry that comes from ring (1, 100). */
export function entry(node: number, more: Partial<CommitEntry> = {}): CommitEntry {
  return {
    identity: identity(node),
    filled: true,
    receivedFlag: false,
    old: ring(1, 100n),
    aru: 10n,
    highDelivered: 10n,
    window: 50,
    acceleratedWindow: 20,
    deliverMembers: new Uint8Array(16),
    ...more,
  };
}
