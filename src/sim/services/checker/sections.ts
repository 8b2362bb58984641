/** What sections must hold after the changes that were made of a checkpoint, in their order. */
import { CELL } from '../ckpt-user.js';
import type { Call } from '../journal.js';
import type { Change } from './state.js';

/** What a section may hold; undefined: it is not there. */
export interface Expected {
  contents: readonly (Buffer | undefined)[];
  /** It has, or may have, an end. */
  mayExpire: boolean;
}

/** Of changes whose fate is unknown each doubles what is possible; beyond this, anything is. */
const POSSIBLE_MAX = 64;

/** By id; cells of a default section by `@` and their place. */
export function sectionsAfter(
  changes: readonly Change[],
  calls: ReadonlyMap<string, Call>,
): Map<string, Expected | undefined> {
  const sections = new Map<string, Expected | undefined>();
  for (const { token } of changes) {
    const call = calls.get(token);
    if (call === undefined) continue;
    for (const { section, offset, data } of call.writes) {
      const key = section === '' ? `@${offset}` : section;
      const before = sections.has(key) ? sections.get(key) : { contents: [undefined], mayExpire: false };
      sections.set(key, before && after(before, call, section === '' ? 0 : offset, data));
    }
  }
  return sections;
}

function after(before: Expected, call: Call, offset: number, data: Buffer): Expected | undefined {
  const isSure = call.result === 'done';
  const isCell = call.writes[0]!.section === '';
  const contents = before.contents.map((content) => change(call, content, offset, data, isSure, isCell));
  const all = distinct(isSure ? contents : [...before.contents, ...contents]);
  const mayExpire = before.mayExpire || call.what === 'expire' || call.text === 'expires';
  return all.length > POSSIBLE_MAX ? undefined : { contents: all, mayExpire };
}

function change(
  { what }: Call,
  content: Buffer | undefined,
  offset: number,
  data: Buffer,
  isSure: boolean,
  isCell: boolean,
): Buffer | undefined {
  switch (what) {
    case 'create':
      return isSure ? data : (content ?? data);
    case 'overwrite':
      return content === undefined && !isSure ? undefined : data;
    case 'delete':
      return undefined;
    case 'write':
      if (isCell) return data;
      return content === undefined ? undefined : patched(content, offset, data);
    default:
      return content;
  }
}

function patched(content: Buffer, offset: number, data: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(content.length, offset + data.length));
  result.set(content);
  result.set(data, offset);
  return result;
}

function distinct(contents: readonly (Buffer | undefined)[]): (Buffer | undefined)[] {
  const kept: (Buffer | undefined)[] = [];
  for (const content of contents)
    if (!kept.some((other) => other === content || (content !== undefined && other?.equals(content))))
      kept.push(content);
  return kept;
}

/** What is wrong with the sections of a node's checkpoint. */
export function compareSections(
  expected: ReadonlyMap<string, Expected | undefined>,
  found: ReadonlyMap<string, Buffer>,
): string[] {
  const wrong: string[] = [];
  for (const [key, one] of expected) {
    if (one === undefined) continue;
    const content = key.startsWith('@') ? cellOf(found.get(''), Number(key.slice(1))) : found.get(key);
    const isThere = one.contents.some((each) => each === content || (content !== undefined && each?.equals(content)));
    if (isThere || (content === undefined && one.mayExpire)) continue;
    const wanted = one.contents.map(describe).join(' or ');
    wrong.push(`section '${key}' holds ${describe(content)}, not ${wanted}`);
  }
  for (const key of found.keys()) {
    if (key !== '' && !expected.has(key)) wrong.push(`there is a section '${key}' that nobody made`);
  }
  return wrong;
}

function cellOf(section: Buffer | undefined, offset: number): Buffer | undefined {
  const cell = section?.subarray(offset, offset + CELL);
  return cell === undefined || cell.every((byte) => byte === 0) ? undefined : cell;
}

function describe(content: Buffer | undefined): string {
  return content === undefined ? 'nothing' : `${content.length} bytes ${content.toString('latin1', 0, CELL)}`;
}
