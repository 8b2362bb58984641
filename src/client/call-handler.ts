/** Calls a handler of the user: what it throws is an uncaught exception of its own, and delivery goes on. */
export function callHandler<T>(handler: (event: T) => void, event: T): void {
  try {
    handler(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
