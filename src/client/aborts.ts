/**
 * Pending calls by the signal that may abort them. Adding and removing a listener costs about a microsecond a call, so a connection
 * listens once to each signal, for as long as that signal lives.
 */
export class Aborts {
  readonly #pending = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>();

  add(signal: AbortSignal, abort: (reason: unknown) => void): void {
    let pending = this.#pending.get(signal);
    if (pending === undefined) {
      const calls = new Set<(reason: unknown) => void>();
      pending = calls;
      this.#pending.set(signal, calls);
      const abortAll = () => {
        for (const each of [...calls]) each(signal.reason);
      };
      signal.addEventListener('abort', abortAll, { once: true });
    }
    pending.add(abort);
  }

  remove(signal: AbortSignal, abort: (reason: unknown) => void): void {
    this.#pending.get(signal)?.delete(abort);
  }
}
