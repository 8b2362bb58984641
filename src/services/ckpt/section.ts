/** Sections, and the memory that they have. */
import type { Checkpoint, Section } from './checkpoint.js';
import { NO_HASH } from './digest.js';

export function newSection(
  checkpoint: Checkpoint,
  key: string,
  memory: Buffer,
  deadline: number,
  position: bigint,
  time: number,
): Section {
  const { length: size } = memory;
  const made = { born: position, version: position, lastUpdate: time, deadline, place: -1, readers: 0, hash: NO_HASH };
  return { checkpoint, key, memory, size, ...made };
}

/** By half more than is needed, so that a section that grows by appending is not copied each time. */
export function grow(section: Section, needed: number): void {
  const most = section.checkpoint.attributes.maxSectionSize;
  const grown = section.size === 0 ? needed : Math.min(Math.ceil(needed * 1.5), most);
  const memory = Buffer.allocUnsafe(Math.max(grown, needed));
  memory.set(section.memory.subarray(0, section.size));
  section.memory = memory;
}
