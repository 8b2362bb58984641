/** Time, as the service manager is given it. */
export interface ManagerClock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number;
  /** Calls back once, `ms` from now; any number of milliseconds. Returns how to give it up. */
  after(ms: number, run: () => void): () => void;
}
