/** Events as their receivers have them. */
import { decodeEvent } from '../../ipc/evt.js';
import type { ChannelEvent } from './types.js';

type Fields = Omit<ChannelEvent, 'toJSON'>;

class DeliveredEvent implements ChannelEvent {
  declare eventId: bigint;
  declare lost: boolean;
  declare patterns: Buffer[];
  declare priority: 0 | 1 | 2 | 3;
  declare retentionTime: number;
  declare publishTime: number;
  declare publisherName: string;
  declare data: Buffer;

  constructor(fields: Fields) {
    Object.assign(this, fields);
  }

  toJSON(): object {
    return { ...this, eventId: this.eventId.toString() };
  }
}

/** Copies: the event is the receiver's own. */
export function toEvent(body: Buffer): ChannelEvent {
  const { id, priority, patterns, ...rest } = decodeEvent(Buffer.from(body));
  return new DeliveredEvent({
    ...rest,
    eventId: id,
    lost: false,
    patterns: [...patterns],
    priority: priority as ChannelEvent['priority'],
  });
}

/** SA_EVT_EVENTID_LOST */
const LOST_ID = 1n;
const LOST_PATTERN = 'SA_EVT_LOST_EVENT_PATTERN';

/** The notification that events were lost from `publishTime` on. */
export function lostEvent(publishTime: number): ChannelEvent {
  return new DeliveredEvent({
    eventId: LOST_ID,
    lost: true,
    patterns: [Buffer.from(LOST_PATTERN)],
    priority: 0,
    retentionTime: 0,
    publishTime,
    publisherName: '',
    data: Buffer.alloc(0),
  });
}
