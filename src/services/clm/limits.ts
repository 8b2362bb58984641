/** Every bound of CLM in the executive, by name. */

/** Tracks of one connection. */
export const MAX_TRACKS = 4096;
