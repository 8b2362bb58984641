// Every method of the library: what it takes, and what its result is.

import * as arg from './arguments.mjs';

/** @typedef {import('./arguments.mjs').Make} Make */
/** @typedef {{ takes: readonly Make[], gives?: string, isSync?: boolean }} Method */

const { bytes, bytesOrText, choice, count, eventId, flag, groups, list, name, object, options, time, waiting } = arg;

const MESSAGE_MAX = 1 << 20;
const EVENT_MAX = 65_536;
const TOO_BIG = ['SA_AIS_ERR_TOO_BIG'];

const routing = {
  to: list(name, 1024, ['EVS_ERR_TOO_MANY_GROUPS']),
  priority: choice(['high', 'medium', 'low']),
  guarantee: choice(['agreed', 'safe']),
};
const joining = { ...waiting, queueBytes: arg.queueBytes, borrow: flag };
const attributes = object(
  {
    update: choice(['all-replicas', 'active-replica', 'active-replica-weak']),
    collocated: flag,
    checkpointSize: count([0, 100, 4096]),
    retentionDuration: time,
    maxSections: count([64, 4096]),
    maxSectionSize: count([64, 1024]),
    maxSectionIdSize: count([8, 16]),
  },
  { needed: ['checkpointSize', 'retentionDuration', 'maxSections', 'maxSectionSize', 'maxSectionIdSize'] },
);
const written = object(
  { section: bytesOrText, data: bytes(MESSAGE_MAX), offset: count([0, 1, 60]) },
  { needed: ['data'] },
);
const read = object({ section: bytesOrText, offset: count([0, 1, 60]), length: count([0, 1, 60]) }, { needed: [] });
const filter = object({ prefix: bytesOrText }, { needed: ['prefix'] });
const publishing = object({
  patterns: list(bytesOrText, 10, TOO_BIG),
  priority: choice([0, 1, 2, 3]),
  retentionTime: time,
  publisherName: name,
});
/** @type {Make} */
const chosen = (random) => {
  const compared = { chosen: choice(['leq', 'geq']), expirationTime: time };
  const other = { chosen: choice(['any', 'forever', 'corrupted']) };
  return object(random.pick([compared, other]), { needed: ['chosen', 'expirationTime'] })(random);
};
const tracking = object({ ...waiting, current: flag, changesOnly: flag });

/** A handler that does something that it should not, or nothing. @type {Make} */
const handler = (random) => ({
  value: random.pick([
    () => {},
    () => {
      throw new arg.Planted('a handler');
    },
  ]),
});
/** @type {Make} */
const handlers = (random) => {
  const message = handler(random).value;
  return { value: random.pick([undefined, { message }, { message, configuration: message }, { batch: message }]) };
};

const vector = (/** @type {Make} */ item) => (/** @type {import('./arguments.mjs').Random} */ random) =>
  random.chance(0.5) ? item(random) : list(item, 65_536, ['SA_AIS_ERR_INVALID_PARAM', 'SA_AIS_ERR_NO_SPACE'])(random);

/** @type {Record<string, Method>} */
const session = {
  send: { takes: [bytes(MESSAGE_MAX)], isSync: true },
  sendAll: { takes: [list(bytes(MESSAGE_MAX), 1000, [])], isSync: true },
  drain: { takes: [options] },
  route: { takes: [object(routing, { needed: [] })], gives: 'route', isSync: true },
  mcast: { takes: [bytes(MESSAGE_MAX), object({ ...routing, ...waiting, configuration: arg.text })] },
  flush: { takes: [options] },
  join: { takes: [groups, options] },
  leave: { takes: [list(name, 50, ['SA_AIS_ERR_NOT_EXIST']), options] },
  close: { takes: [] },
};

/** By what they are methods of. @type {Record<string, Record<string, Method>>} */
export const METHODS = {
  ais: { service: { takes: [name], gives: 'other', isSync: true } },
  evs: { join: { takes: [groups, handlers, object(joining)], gives: 'session' } },
  session,
  route: { send: session.send, sendAll: session.sendAll, drain: session.drain },
  clm: {
    node: { takes: [arg.nodeId, options] },
    current: { takes: [options] },
    track: { takes: [tracking], gives: 'track' },
  },
  track: { stop: { takes: [] } },
  ckpt: {
    open: {
      takes: [name, object({ ...waiting, create: attributes, read: flag, write: flag }, { needed: ['create'] })],
      gives: 'checkpoint',
    },
    unlink: { takes: [name, options] },
    list: { takes: [options], gives: 'iterable', isSync: true },
  },
  checkpoint: {
    createSection: {
      takes: [object({ id: bytesOrText, data: bytes(MESSAGE_MAX), expirationTime: time }, { needed: [] }), options],
    },
    deleteSection: { takes: [bytesOrText, options] },
    setSectionExpirationTime: { takes: [bytesOrText, time, options] },
    sections: { takes: [chosen], gives: 'iterable', isSync: true },
    write: { takes: [vector(written), options] },
    overwrite: { takes: [object({ section: bytesOrText, data: bytes(MESSAGE_MAX) }, { needed: ['data'] }), options] },
    read: { takes: [vector(read), options] },
    readInto: { takes: [read, bytes(2 * MESSAGE_MAX), options] },
    watch: { takes: [options], gives: 'iterable' },
    synchronize: { takes: [options] },
    setActiveReplica: { takes: [options] },
    setRetentionDuration: { takes: [time, options] },
    status: { takes: [options] },
    close: { takes: [] },
  },
  evt: {
    open: {
      takes: [
        name,
        object(
          { ...waiting, create: flag, publisher: flag, subscriber: flag },
          { needed: ['create', 'publisher', 'subscriber'] },
        ),
      ],
      gives: 'channel',
    },
    unlink: { takes: [name, options] },
    list: { takes: [options], gives: 'iterable', isSync: true },
  },
  channel: {
    publish: { takes: [bytes(EVENT_MAX, TOO_BIG), publishing, options] },
    subscribe: { takes: [list(filter, 64, TOO_BIG), handler, options], gives: 'subscription' },
    clearRetentionTime: { takes: [eventId, options] },
    close: { takes: [] },
  },
  subscription: { unsubscribe: { takes: [options] } },
  other: {
    call: { takes: [count([1, 2, 3, 9, 65_535]), bytes(MESSAGE_MAX), object({ ...waiting, hasEffect: flag })] },
    listen: { takes: [count([1, 2]), handler], isSync: true },
  },
};
