/** Vectors: a write is applied as a whole or not at all; of a read each element is a copy of a part of a section. */
import { OK, type Outcome } from '../../executive/service.js';
import { BodyError, type BodyReader, BodyWriter } from '../../ipc/body.js';
import { MAX_ELEMENTS, MAX_SECTION_ID_SIZE } from '../../ipc/ckpt.js';
import { type Checkpoint, keyOf } from './checkpoint.js';
import { MAX_ANSWER } from './limits.js';
import { refused } from './refusal.js';
import type { CkptState } from './state.js';

export interface WriteElement {
  readonly key: string;
  readonly offset: number;
  readonly data: Buffer;
}

export interface ReadElement {
  readonly key: string;
  readonly offset: number;
  /** Infinity: to the end. */
  readonly length: number;
}

export function readElements(body: BodyReader): WriteElement[] {
  const elements: WriteElement[] = [];
  for (let left = readCount(body); left > 0; left--)
    elements.push({ key: readKey(body), offset: readOffset(body), data: body.bytes() });
  body.end();
  return elements;
}

export function readReads(body: BodyReader): ReadElement[] {
  const elements: ReadElement[] = [];
  for (let left = readCount(body); left > 0; left--)
    elements.push({ key: readKey(body), offset: readOffset(body), length: body.f64() });
  body.end();
  return elements;
}

function readKey(body: BodyReader): string {
  return keyOf(body.bytes(MAX_SECTION_ID_SIZE));
}

/** Before anything is allocated for so many: each has at least its length and its numbers. */
function readCount(body: BodyReader): number {
  const count = body.u32();
  if (count > MAX_ELEMENTS || 16 * count > body.remaining) throw new BodyError(`${count} elements`);
  return count;
}

function readOffset(body: BodyReader): number {
  const offset = body.f64();
  if (!Number.isSafeInteger(offset) || offset < 0) throw new BodyError(`an offset of ${offset}`);
  return offset;
}

export function writeVector(
  state: CkptState,
  checkpoint: Checkpoint,
  elements: readonly WriteElement[],
  position: bigint,
  time: number,
): Outcome {
  const { maxSectionSize, checkpointSize } = checkpoint.attributes;
  /** Of sections that elements before have made larger. */
  const sizes = elements.length > 1 ? new Map<string, number>() : undefined;
  let { used } = checkpoint;
  for (let index = 0; index < elements.length; index++) {
    const { key, offset, data } = elements[index]!;
    if (data.length === 0) return refused('SA_AIS_ERR_INVALID_PARAM', 'there is nothing to write', index);
    const end = offset + data.length;
    if (end > maxSectionSize)
      return refused('SA_AIS_ERR_INVALID_PARAM', `a section has at most ${maxSectionSize} bytes`, index);
    const section = checkpoint.sections.get(key);
    if (section === undefined) return refused('SA_AIS_ERR_NOT_EXIST', 'there is no such section', index);
    const size = sizes?.get(key) ?? section.size;
    if (end <= size) continue;
    sizes?.set(key, end);
    used += end - size;
    if (used > checkpointSize)
      return refused('SA_AIS_ERR_NO_SPACE', `the sections may hold ${checkpointSize} bytes together`, index);
  }
  for (const { key, offset, data } of elements)
    state.write(checkpoint.sections.get(key)!, offset, data, position, time);
  return OK;
}

/** As many elements as an answer takes; at least one. `first`: the place of the first in what the user gave. */
export function readVector(checkpoint: Checkpoint, elements: readonly ReadElement[], first: number): Outcome {
  const parts: Buffer[] = [];
  let size = 0;
  for (const [index, element] of elements.entries()) {
    const part = readPart(checkpoint, element, first + index);
    if ('ok' in part) return part;
    if (parts.length > 0 && size + part.length > MAX_ANSWER) break;
    parts.push(part);
    size += 4 + part.length;
  }
  const body = new BodyWriter(4 + size).u32(parts.length);
  for (const part of parts) body.bytes(part);
  return { ok: true, body: body.finish() };
}

/** Bytes that such an answer has, as sections are now. */
export function sizeOfReads(checkpoint: Checkpoint, elements: readonly ReadElement[]): number {
  let size = 0;
  for (const { key, length } of elements) size += Math.min(checkpoint.sections.get(key)?.size ?? 0, length);
  return Math.min(size, MAX_ANSWER);
}

/** A view. */
function readPart(checkpoint: Checkpoint, { key, offset, length }: ReadElement, index: number): Buffer | Outcome {
  const { maxSectionSize } = checkpoint.attributes;
  if (length !== Number.POSITIVE_INFINITY && length > maxSectionSize)
    return refused('SA_AIS_ERR_INVALID_PARAM', `a section has at most ${maxSectionSize} bytes`, index);
  const section = checkpoint.sections.get(key);
  if (section === undefined) return refused('SA_AIS_ERR_NOT_EXIST', 'there is no such section', index);
  if (offset > section.size)
    return refused('SA_AIS_ERR_INVALID_PARAM', `the section ends at ${section.size}, before the offset`, index);
  return section.memory.subarray(offset, Math.min(section.size, offset + length));
}
