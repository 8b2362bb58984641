/**
 * The object form as a tree: an object is a section, an array of objects a section that repeats, anything else a value.
 */
import { emptySection, type Section, type Tree } from './tree.js';

const depthMax = 8;

/** Properties that are undefined count as absent. */
export function fromObject(config: object): Tree {
  return { root: readSection('', '', config, 0), isText: false };
}

function readSection(name: string, path: string, object: object, depth: number): Section {
  const section = emptySection(name, { path });
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const place = { path: path === '' ? key : `${path}.${key}` };
    const deeper = depth < depthMax;
    if (deeper && Array.isArray(value) && value.every(isPlainObject)) {
      for (const [index, element] of value.entries()) {
        section.sections.push(readSection(key, `${place.path}[${index}]`, element, depth + 1));
      }
    } else if (deeper && isPlainObject(value)) {
      section.sections.push(readSection(key, place.path, value, depth + 1));
    } else {
      section.entries.push({ key, value, keyPlace: place, valuePlace: place });
    }
  }
  return section;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
