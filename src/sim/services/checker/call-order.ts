/** Requests of one connection take effect in the order of its calls; those that failed or were given up are skipped. For one process. */
import type { Message } from '../message.js';

export class CallOrder {
  /** By connection: of what was applied last. */
  readonly #last = new Map<string, string>();

  /** `places`: of all calls, by token, in the order in which they were made. Returns what is wrong. */
  applied(message: Message, places: ReadonlyMap<string, number>): string | undefined {
    if (!('token' in message)) return undefined;
    const { from, token } = message;
    const last = this.#last.get(from);
    this.#last.set(from, token);
    if (last === undefined || placeOf(last, places) < placeOf(token, places)) return undefined;
    return `${token} of connection ${from} is applied after ${last}, which was asked for ${token === last ? 'once' : 'later'}`;
  }
}

function placeOf(token: string, places: ReadonlyMap<string, number>): number {
  return places.get(token) ?? -1;
}
