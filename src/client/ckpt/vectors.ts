/** Vectors on their way: a write is one message; a read that is larger than an answer takes several. */
import { type BodyReader, BodyWriter } from '../../ipc/body.js';
import { MAX_REQUEST, READ } from '../../ipc/ckpt.js';
import { invalid } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import type { CheckedElement } from './arguments.js';

export type WritePart = CheckedElement & { readonly data: Uint8Array };
export type ReadPart = CheckedElement & { readonly length: number };

/** @throws {AisError} SA_AIS_ERR_INVALID_PARAM: more than one message takes. */
export function writeBody(operation: string, handle: number, parts: readonly WritePart[]): BodyWriter {
  let size = 8;
  for (const [index, { id, data }] of parts.entries()) {
    size += 16 + id.length + data.length;
    if (size > MAX_REQUEST) throw invalid(operation, `a vector has at most ${MAX_REQUEST} bytes`, index);
  }
  const body = new BodyWriter(size).u32(handle).u32(parts.length);
  for (const { id, offset, data } of parts) body.bytes(id).f64(offset).bytes(data);
  return body;
}

/** `first`: the place of the first part in the vector. */
export function readBody(handle: number, first: number, parts: readonly ReadPart[]): [number, BodyWriter] {
  const body = new BodyWriter(12 + 40 * parts.length).u32(handle).u32(first).u32(parts.length);
  for (const { id, offset, length } of parts) body.bytes(id).f64(offset).f64(length);
  return [READ, body];
}

/** The one part of an answer. */
export function readPart(answer: BodyReader): Buffer {
  answer.u32();
  return answer.bytes();
}

interface Reader {
  readonly calls: ServiceCalls;
  readonly operation: string;
  readonly options: WaitOptions | undefined;
  readonly owner: object;
  readonly handle: number;
}

export async function readVector(reader: Reader, parts: readonly ReadPart[]): Promise<Buffer[]> {
  const { calls, operation, options, owner, handle } = reader;
  const { timeout } = calls.patience(operation, options);
  const started = performance.now();
  const all: Buffer[] = [];
  do {
    const [fn, body] = readBody(handle, all.length, parts.slice(all.length));
    if (body.size > MAX_REQUEST) throw invalid(operation, `a vector has at most ${MAX_REQUEST} bytes of ids`);
    // The time-out is one for all steps; of a later one something is always left, for 0 would mean not to wait.
    const left = all.length === 0 ? timeout : Math.max(1, timeout - (performance.now() - started));
    const got = await calls.call<Buffer[]>({
      operation,
      options: { ...options, timeout: left },
      fn,
      body: body.finish(),
      owner,
      hasEffect: false,
      result: (answer) => Array.from({ length: answer.u32() }, () => answer.bytes()),
    });
    all.push(...got);
  } while (all.length < parts.length);
  return all;
}
