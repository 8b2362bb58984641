/** Reads out what the services of an executive have, for the checker. */

import type { NodeState } from './checker/check.js';
import { isLasting } from './ckpt-user.js';
import { isLastingChannel } from './evt-user.js';
import type { ServiceHost } from './host.js';

/** ms after its deadline that something may still be there: the first member says when it is over. */
const LATE = 200;

export function nodeState(host: ServiceHost): NodeState {
  const { ckpt, evt, manager, clients, number, messaging, node } = host;
  const checkpoints = new Map<string, Map<string, Buffer>>();
  for (const [name, { sections }] of ckpt.state().names) {
    const contents = [...sections].map(([id, { memory, size }]): [string, Buffer] => [id, memory.subarray(0, size)]);
    if (isLasting(name)) checkpoints.set(name, new Map(contents));
  }
  const events = new Map<bigint, string>();
  for (const [name, { retained }] of evt.state.linked)
    if (isLastingChannel(name)) for (const id of retained.keys()) events.set(id, name);
  const { id = '', members = [] } = messaging.regular ?? {};
  const isFirst = members[0] === node;
  return {
    process: number,
    configuration: id,
    isFirst,
    isSynchronized: manager.isSynchronized,
    isPrimary: manager.isPrimary,
    digests: {
      ckpt: Buffer.from(ckpt.replica.digest()).toString('hex'),
      evt: Buffer.from(evt.replica.digest()).toString('hex'),
    },
    checkpoints,
    events,
    openers: [...openersOf(host)],
    leaks: [...leaksOf(host, isFirst)],
    clients: new Set(clients.filter(({ isOver }) => !isOver).map(({ parts }) => `client ${node}.${parts.connection}`)),
    open: clients.filter(({ isOver }) => !isOver).flatMap((client) => client.open),
  };
}

function* openersOf({ ckpt, evt }: ServiceHost): Generator<string> {
  for (const { openers } of [...ckpt.state().checkpoints.values(), ...evt.state.channels()])
    for (const { node, connection } of openers) yield `client ${node}.${connection}`;
}

/** `isFirst`: this node has to see to deadlines. */
function* leaksOf({ ckpt, evt, wall }: ServiceHost, isFirst: boolean): Generator<string> {
  const over = isFirst ? wall() - LATE : Number.NEGATIVE_INFINITY;
  for (const checkpoint of ckpt.state().checkpoints.values()) {
    const { name, isLinked, openers, deadline, sections } = checkpoint;
    if (openers.size === 0 && !isLinked) yield `the unlinked checkpoint '${name}', which nobody has open`;
    if (openers.size === 0 && deadline === Number.POSITIVE_INFINITY) yield `checkpoint '${name}' without an end`;
    if (deadline < over) yield `checkpoint '${name}', whose retention is over`;
    for (const [id, section] of sections)
      if (section.deadline < over) yield `section '${id}' of '${name}', which has expired`;
  }
  for (const { name, unlinkId, openers, retained } of evt.state.channels()) {
    if (unlinkId !== 0n && openers.size === 0) yield `the unlinked channel '${name}', which nobody has open`;
    for (const [id, { deadline }] of retained)
      if (deadline < over) yield `event ${id} of '${name}', whose retention is over`;
  }
}
