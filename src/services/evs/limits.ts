/** The bounds of EVS in the executive; src/ipc/evs-frames.ts has those of a connection. */

/** Of one join. */
export const MAX_GROUPS_A_CALL = 50;
/** That a session has joined, and that a message is addressed to. */
export const MAX_GROUPS_A_LIST = 1024;
/** Destinations of this executive that others remember; the one that was idle longest makes room. */
export const MAX_ROUTES = 4096;
/** That a member remembers of another. The sender stays below MAX_ROUTES, but what it withdrew may still be under way. */
export const MAX_ROUTES_OF_A_MEMBER = 3 * MAX_ROUTES;
/** Sessions of one executive. */
export const MAX_SESSIONS = 65536;
/** Bytes of one announcement of routes: several share a message up to this size, one alone may be larger. */
export const ANNOUNCEMENT_SIZE = 32768;
