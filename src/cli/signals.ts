/** Commands that go on until they are told to end. */

const signals = ['SIGTERM', 'SIGINT'] as const;

export interface Ending extends AsyncDisposable {
  /** Resolves when the process is to end, or the time is over. */
  readonly signalled: Promise<void>;
}

/** Listens until it is disposed of. */
export function signalled(milliseconds?: number): Ending {
  let end: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (const name of signals) process.on(name, end);
  const timer = milliseconds === undefined ? undefined : setTimeout(end, milliseconds);
  return {
    signalled: promise,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, end);
    },
  };
}
