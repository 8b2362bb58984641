/** Every bound of EVT in the executive, by name. Those that users see are EVT_LIMITS in src/ipc/evt.ts. */
import { OUTBOX_MAX } from '../../ipc/link.js';

/** Channels that one connection holds open, counted by opening. */
export const MAX_OPENS = 4096;
/** Subscriptions of one open channel. */
export const MAX_SUBSCRIPTIONS = 1024;
/** Bytes that all retained events take. What a merge brings may lie above it: then nothing more is retained until there is room. */
export const MAX_RETAINED_BYTES = 256 << 20;
/** Of one channel, so that whoever subscribes can be told of them at once: half of what may wait for a client. */
export const MAX_RETAINED_BYTES_A_CHANNEL = OUTBOX_MAX / 2;
/** Bytes that a retained event counts beside what is written of it: about what its objects take. */
export const EVENT_OVERHEAD = 768;
/** Channels of one answer to list(). */
export const LIST_PAGE = 1000;
/** Bytes that such an answer is expected to have. */
export const LIST_BYTES = 32 << 10;
