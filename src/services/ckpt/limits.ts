/** What bounds the checkpoint service beside the limits that its clients see (src/ipc/ckpt.ts). */

/** Checkpoints that one connection has open. */
export const MAX_OPEN_A_CONNECTION = 16384;
/** Iterators of one connection that have more than a page. */
export const MAX_ITERATORS = 64;
/** Watches of one connection. */
export const MAX_WATCHES = 1024;
/** Items of a page. */
export const PAGE_ITEMS = 256;
/** Bytes of what one answer to a read may carry. */
export const MAX_ANSWER = 1 << 20;
/** Changes of a checkpoint that are remembered, to see at a merge whose state grew out of whose: of one configuration, and in all. What
 *  one side of a partition has delivered and the other has not is less than the send queues of the members hold. */
export const LINEAGE_OF_CONFIGURATION = 64;
export const LINEAGE_MAX = 256;
