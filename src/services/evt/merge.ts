/**
 * What components make together: the union. Channels that a name leads to are one if they have the same name; unlinked ones stay apart.
 * What one side cleared, closed or unlinked and another did not is there again. Openers are those of members that came along with them.
 */
import type { Component } from '../../executive/service.js';
import type { EvtShadow } from './snapshot.js';
import { type Channel, EvtState, type RetainedEvent } from './state.js';

export function merge(components: readonly Component<EvtShadow>[]): EvtState {
  const merged = new EvtState();
  const events = new Map<Channel, Map<bigint, RetainedEvent>>();
  for (const { members, shadow } of components) {
    for (const channel of shadow.state.channels()) {
      const target = findOrCreate(merged, channel);
      for (const opener of channel.openers)
        if (members.includes(opener.node)) merged.open(target, opener, opener.flags);
      const known = events.get(target) ?? new Map<bigint, RetainedEvent>();
      for (const [id, retained] of channel.retained) if (!known.has(id)) known.set(id, retained);
      events.set(target, known);
    }
  }
  // By time; what one component published at the same time stays in its order.
  for (const [channel, known] of events) {
    const ordered = [...known.values()].sort((a, b) => a.event.publishTime - b.event.publishTime);
    for (const { body } of ordered) merged.retain(channel, body);
  }
  merged.collectAll();
  return merged;
}

function findOrCreate(merged: EvtState, { name, unlinkId }: Channel): Channel {
  if (unlinkId === 0n) return merged.linked.get(name) ?? merged.create(name);
  return [...merged.unlinked].find((other) => other.unlinkId === unlinkId) ?? merged.create(name, unlinkId);
}
