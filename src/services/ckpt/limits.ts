/** What bounds the checkpoint service beside the limits that its clients see (src/ipc/ckpt.ts). */

/** Checkpoints that one connection has open. */
export const MAX_OPEN_A_CONNECTION = 16384;
/** Iterators of one connection that have more than a page. */
export const MAX_ITERATORS = 64;
/** Watches of one connection. */
export const MAX_WATCHES = 1024;
/** Items of a page. */
export const PAGE_ITEMS = 256;
/** Bytes that a page is expected to have. */
export const PAGE_BYTES = 32 << 10;
/** Bytes of what one answer to a read may carry. */
export const MAX_ANSWER = 1 << 20;
