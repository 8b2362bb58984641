/**
 * What components make together: the union. Channels that a name leads to are one if they have the same name; unlinked ones stay apart.
 * What one side cleared, closed or unlinked and another did not is there again. Openers are those of members that came along with them.
 */
import type { Component } from '../../executive/service.js';
import type { EvtShadow } from './snapshot.js';
import { type Channel, EvtState } from './state.js';

export function merge(components: readonly Component<EvtShadow>[]): EvtState {
  const merged = new EvtState();
  const events = new Map<Channel, Map<bigint, Buffer>>();
  for (const { members, shadow } of components) {
    const { state } = shadow;
    merged.ids.counter = Math.max(merged.ids.counter, state.ids.counter);
    for (const channel of state.channels()) {
      const target = findOrCreate(merged, channel);
      for (const opener of channel.openers)
        if (members.includes(opener.node)) merged.open(target, opener, opener.flags);
      const bodies = events.get(target) ?? new Map<bigint, Buffer>();
      for (const [id, { body }] of channel.retained) bodies.set(id, body);
      events.set(target, bodies);
    }
  }
  // In the order of their ids, which within one history is that of publication.
  for (const [channel, bodies] of events) {
    for (const [, body] of [...bodies].sort(([a], [b]) => (a < b ? -1 : 1))) merged.retain(channel, body);
  }
  merged.collectAll();
  return merged;
}

function findOrCreate(merged: EvtState, { name, unlinkId }: Channel): Channel {
  if (unlinkId === 0n) return merged.linked.get(name) ?? merged.create(name);
  return [...merged.unlinked].find((other) => other.unlinkId === unlinkId) ?? merged.create(name, unlinkId);
}
