/**
 * What the file and the object form have in common before the schema looks at it: sections with keys and sections in
 * them.
 */
import type { Place } from './problem.js';

export interface Entry {
  readonly key: string;
  /** Text from a file, any value from an object. */
  readonly value: unknown;
  readonly keyPlace: Place;
  readonly valuePlace: Place;
}

export interface Section {
  readonly name: string;
  readonly place: Place;
  readonly entries: Entry[];
  readonly sections: Section[];
}

export interface Tree {
  readonly root: Section;
  /** Whether values are text that still has to be read. */
  readonly isText: boolean;
}

export function emptySection(name: string, place: Place): Section {
  return { name, place, entries: [], sections: [] };
}
