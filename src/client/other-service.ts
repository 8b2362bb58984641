/** The client of a service that a third party added to the executive: requests and events as bytes. */
import { callHandler } from './call-handler.js';
import { checkBytes, checkOptions, invalid } from './check.js';
import type { ServiceCalls } from './service-calls.js';
import type { WaitOptions } from './types.js';

/** Bytes of one request. */
const MAX_DATA = 1 << 20;
const FN_MAX = 0xffff;
const OBJECT_MAX = 0xffffffff;

/** A service of a third party, from a client: `ais.service(id)`. */
export interface OtherService {
  /** Asks function `fn`; resolves with what it answers. `hasEffect` (default true): whether it may have changed anything when it ends
   *  without an answer. */
  call(fn: number, data: Uint8Array, options?: WaitOptions & { readonly hasEffect?: boolean }): Promise<Buffer>;
  /** What an object of this client is told from now on. Returns how to stop. One listener for each object. */
  listen(object: number, heard: (fn: number, body: Buffer) => void): () => void;
}

export class OtherServiceClient implements OtherService {
  readonly #name: string;
  readonly #calls: ServiceCalls;
  readonly #check: (operation: string) => void;

  /** `check` throws if the connection is closed. */
  constructor(name: string, calls: ServiceCalls, check: (operation: string) => void) {
    this.#name = name;
    this.#calls = calls;
    this.#check = check;
  }

  async call(fn: number, data: Uint8Array, options?: WaitOptions & { readonly hasEffect?: boolean }): Promise<Buffer> {
    const operation = `${this.#name}.call`;
    checkNumber(operation, fn, 'fn', FN_MAX);
    checkBytes(operation, data, MAX_DATA);
    const { hasEffect = true } = checkOptions(operation, options);
    if (typeof hasEffect !== 'boolean') throw invalid(operation, 'hasEffect must be a boolean');
    this.#check(operation);
    return this.#calls.call({ operation, options, fn, body: data, hasEffect, result: (answer) => answer.rest() });
  }

  listen(object: number, heard: (fn: number, body: Buffer) => void): () => void {
    const operation = `${this.#name}.listen`;
    checkNumber(operation, object, 'object', OBJECT_MAX);
    if (typeof heard !== 'function') throw invalid(operation, 'heard must be a function');
    this.#check(operation);
    this.#calls.listen(object, (fn, body) => {
      const own = Buffer.from(body.rest());
      callHandler(() => heard(fn, own), undefined);
    });
    return () => this.#calls.listen(object, undefined);
  }
}

function checkNumber(operation: string, value: unknown, what: string, most: number): void {
  const isOne = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
  if (!isOne) throw invalid(operation, `${what} must be an integer from 0 to ${most}`);
}
