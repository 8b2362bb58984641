/** Configurations as services see them, made from what the ring delivers. */
import type { DeliveredConfiguration, Identity, RingId } from '../totem/boundary.js';

export interface Configuration {
  readonly type: 'configuration';
  readonly kind: 'regular' | 'transitional';
  /** Equal on all members of the same configuration, never used twice. */
  readonly id: string;
  /** Node ids, ascending, as joined and left. */
  readonly members: readonly number[];
  readonly joined: readonly number[];
  readonly left: readonly number[];
}

export interface ConfigurationChange {
  readonly configuration: Configuration;
  /** Regular: its ring. Transitional: the ring that it leads to. */
  readonly ring: RingId;
  readonly members: readonly Identity[];
}

/** All three parts of a ring id, since its sequence alone is not unique (totem 1.1). */
export function ringName(ring: RingId): string {
  return `${ring.representative}.${ring.seq}.${ring.nonce.toString(16).padStart(8, '0')}`;
}

export function sameRing(a: RingId, b: RingId): boolean {
  return a.seq === b.seq && a.representative === b.representative && a.nonce === b.nonce;
}

/** The same configuration as the first event of a session has it: everybody joined. */
export function asFirst(configuration: Configuration): Configuration {
  return freeze({ ...configuration, joined: configuration.members, left: [] });
}

function freeze(configuration: Configuration): Configuration {
  Object.freeze(configuration.joined);
  Object.freeze(configuration.left);
  Object.freeze(configuration.members);
  return Object.freeze(configuration);
}

function isSame(a: Identity, b: Identity): boolean {
  return a.node === b.node && a.incarnation === b.incarnation && a.salt === b.salt;
}

function without(members: readonly Identity[], others: readonly Identity[]): number[] {
  return members.filter((member) => !others.some((other) => isSame(member, other))).map((member) => member.node);
}

/**
 * Follows the configurations of one ring member. Joined and left are told against the previous regular configuration by who came
 * along through the transitional one, not by node ids: a member that was away for a moment has another history, and is in both.
 */
export class ConfigurationHistory {
  #regular: readonly Identity[] = [];
  #together: readonly Identity[] = [];

  next(delivered: DeliveredConfiguration): ConfigurationChange {
    const { kind, ring, members } = delivered;
    const isRegular = kind === 'regular';
    const together = isRegular ? this.#together : members;
    const configuration = freeze({
      type: 'configuration',
      kind,
      id: isRegular ? ringName(ring) : `${ringName(delivered.old)}>${ringName(ring)}`,
      members: members.map((member) => member.node),
      joined: isRegular ? without(members, together) : [],
      left: without(this.#regular, together),
    });
    if (isRegular) {
      this.#regular = members;
      this.#together = [];
    } else {
      this.#together = members;
    }
    return { configuration, ring, members };
  }
}
