/** What ordered messages do to the state: the same on every node. The result answers the client that asked. */
import { type ExecutiveMessage, failure, type Outcome } from '../../executive/service.js';
import { BodyError } from '../../ipc/body.js';
import { CREATE, EVENT_AT, EVT_LIMITS, encodeEvent, LAST_RESERVED_ID, PUBLISHER, SUBSCRIBER } from '../../ipc/evt.js';
import { EVENT_OVERHEAD, MAX_OPENS, MAX_RETAINED_BYTES, MAX_RETAINED_BYTES_A_CHANNEL } from './limits.js';
import { readClear, readClose, readOpen, readPublish, readSubscription, readUnlink } from './messages.js';
import type { Channel, EvtState, Opener, RetainedEvent } from './state.js';

type Done<T> = { readonly done: T } | { readonly failed: Outcome };

function done<T>(value: T): Done<T> {
  return { done: value };
}

function failed(...why: Parameters<typeof failure>): { readonly failed: Outcome } {
  return { failed: failure(...why) };
}

const NOT_OPEN = failed('SA_AIS_ERR_BAD_HANDLE', 'the channel is not open');

/** Opens of the same client differ in their handle. */
function openerOf(state: EvtState, { sender, connection }: ExecutiveMessage, handle: number): Opener | undefined {
  return state.opener({ node: sender, connection, handle });
}

export function open(state: EvtState, message: ExecutiveMessage): Done<Opener> {
  const { sender, connection } = message;
  const { handle, flags, name } = readOpen(message.body);
  if (openerOf(state, message, handle) !== undefined) return failed('SA_AIS_ERR_EXIST', `handle ${handle} is in use`);
  if (state.opensOf(sender, connection) >= MAX_OPENS)
    return failed('SA_AIS_ERR_NO_RESOURCES', `at most ${MAX_OPENS} open channels of one connection`);
  const known = state.linked.get(name);
  if (known === undefined && (flags & CREATE) === 0)
    return failed('SA_AIS_ERR_NOT_EXIST', `there is no channel '${name}'`);
  if (known === undefined && state.channelCount >= EVT_LIMITS.maxChannels)
    return failed('SA_AIS_ERR_NO_RESOURCES', `at most ${EVT_LIMITS.maxChannels} channels`);
  return done(state.open(known ?? state.create(name), { node: sender, connection, handle }, flags));
}

export function close(state: EvtState, message: ExecutiveMessage): Done<Opener> {
  const opener = openerOf(state, message, readClose(message.body));
  if (opener === undefined) return NOT_OPEN;
  state.close(opener);
  return done(opener);
}

export function unlink(state: EvtState, { body }: ExecutiveMessage): Done<undefined> {
  const { id, name } = readUnlink(body);
  const channel = state.linked.get(name);
  if (channel === undefined) return failed('SA_AIS_ERR_NOT_EXIST', `there is no channel '${name}'`);
  state.unlink(channel, id);
  return done(undefined);
}

export interface Published {
  readonly channel: Channel;
  readonly id: bigint;
  readonly patterns: readonly Buffer[];
  /** What open channels are told, with the subscription left open; undefined: nobody here has it open. */
  readonly message: Buffer | undefined;
  readonly retained: RetainedEvent | undefined;
}

/** It is published at the time of the message. `isHeard`: whether a client of this node has the channel open. */
export function publish(
  state: EvtState,
  message: ExecutiveMessage,
  isHeard: (channel: Channel) => boolean,
): Done<Published> {
  const { id, handle, publication } = readPublish(message.body);
  const opener = openerOf(state, message, handle);
  if (opener === undefined) return NOT_OPEN;
  const { flags, channel } = opener;
  if ((flags & PUBLISHER) === 0) return failed('SA_AIS_ERR_ACCESS', 'the channel is not open for publishing');
  if (id <= LAST_RESERVED_ID || channel.retained.has(id)) throw new BodyError(`${id} for the id of a new event`);
  const { patterns, retentionTime } = publication;
  const isRetained = retentionTime > 0;
  if (!isRetained && !isHeard(channel)) return done({ channel, id, patterns, message: undefined, retained: undefined });
  const written = encodeEvent(id, message.time, publication);
  const bytes = written.length + EVENT_OVERHEAD;
  if (isRetained && state.retainedBytes + bytes > MAX_RETAINED_BYTES)
    return failed('SA_AIS_ERR_NO_RESOURCES', `at most ${MAX_RETAINED_BYTES} bytes of retained events`);
  if (isRetained && channel.retainedBytes + bytes > MAX_RETAINED_BYTES_A_CHANNEL)
    return failed('SA_AIS_ERR_NO_RESOURCES', `at most ${MAX_RETAINED_BYTES_A_CHANNEL} bytes retained by one channel`);
  const retained = isRetained ? state.retain(channel, written.subarray(EVENT_AT)) : undefined;
  return done({ channel, id, patterns, message: written, retained });
}

export function subscribe(state: EvtState, message: ExecutiveMessage): Done<{ handle: number; subscription: number }> {
  const asked = readSubscription(message.body);
  message.body.end();
  const opener = openerOf(state, message, asked.handle);
  if (opener === undefined) return NOT_OPEN;
  if ((opener.flags & SUBSCRIBER) === 0) return failed('SA_AIS_ERR_ACCESS', 'the channel is not open for subscribing');
  return done(asked);
}

export function clear(state: EvtState, message: ExecutiveMessage): Done<undefined> {
  const { handle, id } = readClear(message.body);
  const opener = openerOf(state, message, handle);
  if (id <= LAST_RESERVED_ID) return failed('SA_AIS_ERR_INVALID_PARAM', `${id} is no id of an event`);
  if (opener === undefined) return NOT_OPEN;
  const retained = opener.channel.retained.get(id);
  if (retained === undefined || retained.deadline <= message.time)
    return failed('SA_AIS_ERR_NOT_EXIST', `the channel retains no event ${id}`);
  state.drop(retained);
  return done(undefined);
}
