/**
 * Reads a tree by the schema: unknown and repeated names are refused, values are read by their type, defaults are
 * filled in.
 */
import { closest, type Place, type Problem } from './problem.js';
import { type CheckedConfig, foreignKeys, type KeySpec, type SectionSpec, schema } from './schema.js';
import type { Entry, Section, Tree } from './tree.js';
import { InvalidValue } from './value.js';

export interface CheckResult {
  readonly config: CheckedConfig;
  readonly problems: Problem[];
  /**
   * Where each section and key stands that was given, by path (`totem.interface[0].ttl`); a section that repeats counts
   * from 0.
   */
  readonly places: ReadonlyMap<string, Place>;
}

export function check(tree: Tree): CheckResult {
  const checker = new Checker(tree.isText);
  const config = checker.readSection(schema, tree.root, '') as CheckedConfig;
  return { config, problems: checker.problems, places: checker.places };
}

class Checker {
  readonly problems: Problem[] = [];
  readonly places = new Map<string, Place>();
  readonly #isText: boolean;

  constructor(isText: boolean) {
    this.#isText = isText;
  }

  /** `given` undefined: all defaults. */
  readSection(spec: SectionSpec, given: Section | undefined, path: string): object {
    const values: Record<string, unknown> = {};
    if (given) {
      if (path !== '') this.places.set(path, given.place);
      this.#refuseUnknown(spec, given);
    }
    for (const [key, keySpec] of Object.entries(spec.keys)) {
      values[key] = this.#readKey(keySpec, key, given, join(path, key));
    }
    for (const [name, child] of Object.entries(spec.sections)) {
      const found = given?.sections.filter((section) => section.name === name) ?? [];
      values[name] = this.#readSections(child, found, join(path, name));
    }
    return values;
  }

  #readSections(spec: SectionSpec, found: readonly Section[], path: string): unknown {
    const tooMany = found[spec.max];
    if (tooMany) {
      const limit = spec.max === 1 ? `stands twice${lineOf(found[0]?.place)}` : `may stand at most ${spec.max} times`;
      this.#complain(tooMany.place, `section '${tooMany.name}' ${limit}`);
    }
    if (spec.max === 1) return this.readSection(spec, found[0], path);
    return found.slice(0, spec.max).map((section, index) => this.readSection(spec, section, `${path}[${index}]`));
  }

  #readKey(spec: KeySpec, key: string, given: Section | undefined, path: string): unknown {
    const [entry, again] = given?.entries.filter((candidate) => candidate.key === key) ?? [];
    if (!entry) {
      if (given && spec.required) this.#complain(given.place, `section '${given.name}' has no '${key}'`);
      return spec.default;
    }
    if (again) this.#complain(again.keyPlace, `'${key}' stands twice${lineOf(entry.keyPlace)}`);
    this.places.set(path, entry.valuePlace);
    try {
      return spec.type.read(entry.value, this.#isText);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      this.#complain(entry.valuePlace, `'${key}': ${error.message}`);
      return spec.default;
    }
  }

  #refuseUnknown(spec: SectionSpec, given: Section): void {
    for (const entry of given.entries) {
      if (!Object.hasOwn(spec.keys, entry.key)) this.#complain(entry.keyPlace, unknownKey(spec, given, entry));
    }
    for (const section of given.sections) {
      if (Object.hasOwn(spec.sections, section.name)) continue;
      this.#complain(section.place, unknownSection(spec, given, section.name));
    }
  }

  #complain(place: Place, message: string): void {
    this.problems.push({ place, message });
  }
}

function unknownKey(spec: SectionSpec, given: Section, { key }: Entry): string {
  if (Object.hasOwn(spec.sections, key)) return `'${key}' is a section: ${key} { … }`;
  const there = given.name === '' ? 'outside of the sections' : `in section '${given.name}'`;
  if (Object.hasOwn(foreignKeys, key)) return `unknown key '${key}' ${there}: ${foreignKeys[key]}`;
  const home = sectionOf(key, schema, '');
  const hint = home === undefined ? suggest(key, Object.keys(spec.keys)) : `; it belongs to section '${home}'`;
  return `unknown key '${key}' ${there}${hint}`;
}

/** The first section that has the key, by path. */
function sectionOf(key: string, spec: SectionSpec, path: string): string | undefined {
  if (Object.hasOwn(spec.keys, key)) return path;
  for (const [name, child] of Object.entries(spec.sections)) {
    const found = sectionOf(key, child, join(path, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function unknownSection(spec: SectionSpec, given: Section, name: string): string {
  if (Object.hasOwn(spec.keys, name)) return `'${name}' is a key: ${name}: …`;
  const there = given.name === '' ? '' : ` in section '${given.name}'`;
  return `unknown section '${name}'${there}${suggest(name, Object.keys(spec.sections))}`;
}

/** A near name, else all of them where they are few. */
function suggest(word: string, names: readonly string[]): string {
  const few = 8;
  const near = closest(word, names);
  if (near !== undefined) return `; did you mean '${near}'?`;
  return names.length > 0 && names.length <= few ? `; there are ${names.join(', ')}` : '';
}

function lineOf(place: Place | undefined): string {
  return place?.line === undefined ? '' : `; first in line ${place.line}`;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
