/**
 * The text form: `section {`, `key: value`, `}`, and comments from `#` to the end of the line. Sections nest. A value
 * ends with its line, with a blank and `#`, or with a blank and `}`. The three lines of 2004 (`bindnetaddr:…`,
 * `mcastaddr:…`, `mcastport:…` outside any section) are one interface of totem.
 */
import type { Place, Problem } from './problem.js';
import { emptySection, type Section, type Tree } from './tree.js';

/** A file is read whole; nobody writes a larger one. */
export const fileBytesMax = 1024 * 1024;
const depthMax = 8;

const blank = /[ \t]*/y;
const word = /[^\s:{}#]+/y;

/** Never throws: what cannot be understood becomes a problem, and the rest is read on. */
export function parse(text: string): { tree: Tree; lines: readonly string[]; problems: Problem[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const parser = new Parser();
  for (const [index, line] of lines.entries()) parser.readLine(line, index + 1);
  parser.end();
  return { tree: { root: fromThreeLines(parser.root), isText: true }, lines, problems: parser.problems };
}

class Parser {
  readonly root = emptySection('', { path: '' });
  readonly problems: Problem[] = [];
  /** The sections that are open, the innermost last. */
  readonly #open: Section[] = [this.root];
  /** Brackets that open nothing: counted, so that theirs close nothing else. */
  #ignored = 0;
  #line = '';
  #lineNumber = 0;
  #column = 0;

  readLine(line: string, number: number): void {
    this.#line = line;
    this.#lineNumber = number;
    this.#column = 0;
    while (this.#skipBlank()) {
      if (!this.#readItem()) return;
    }
  }

  end(): void {
    for (const section of this.#open.slice(1)) {
      this.problems.push({ place: section.place, message: `section '${section.name}' is not closed by '}'` });
    }
  }

  /** False if the rest of the line is done with. */
  #readItem(): boolean {
    if (this.#line[this.#column] === '}') return this.#closeSection();
    const start = this.#column;
    if (this.#line[start] === '{')
      return this.#openNothing(start, "the '{' of a section stands in the line of its name");
    const name = this.#match(word);
    if (name === '') return this.#complain(start, 1, `unexpected '${this.#line[start]}'`);
    this.#match(blank);
    const sign = this.#line[this.#column];
    if (sign === '{') return this.#openSection(name, start);
    if (sign === ':') return this.#readEntry(name, start);
    return this.#complain(start, name.length, `expected ':' or '{' after '${name}'`);
  }

  #openSection(name: string, start: number): boolean {
    if (this.#open.length > depthMax) return this.#openNothing(start, `sections nest at most ${depthMax} deep`);
    this.#column += 1;
    const parent = this.#open.at(-1)!;
    const section = emptySection(name, this.#place(start, name.length));
    parent.sections.push(section);
    this.#open.push(section);
    return true;
  }

  #openNothing(start: number, message: string): boolean {
    if (this.#ignored === 0) this.#complain(start, 1, message);
    this.#ignored += 1;
    this.#column = this.#line.indexOf('{', start) + 1;
    return true;
  }

  #closeSection(): boolean {
    const start = this.#column;
    this.#column += 1;
    if (this.#ignored > 0) this.#ignored -= 1;
    else if (this.#open.length > 1) this.#open.pop();
    else return this.#complain(start, 1, "this '}' closes no section");
    return true;
  }

  #readEntry(key: string, start: number): boolean {
    this.#column += 1;
    this.#match(blank);
    const rest = this.#line.slice(this.#column);
    const value = rest.replace(/(^|[ \t])[#}].*$/, '').trimEnd();
    if (value === '') return this.#complain(start, key.length, `'${key}' has no value`);
    this.#open.at(-1)!.entries.push({
      key,
      value,
      keyPlace: this.#place(start, key.length),
      valuePlace: this.#place(this.#column, value.length),
    });
    this.#column += value.length;
    return true;
  }

  /** False at the end of the line or at a comment. */
  #skipBlank(): boolean {
    this.#match(blank);
    const next = this.#line[this.#column];
    return next !== undefined && next !== '#';
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#column;
    const found = pattern.exec(this.#line)?.[0] ?? '';
    this.#column += found.length;
    return found;
  }

  #complain(start: number, length: number, message: string): false {
    this.problems.push({ place: this.#place(start, length), message });
    return false;
  }

  #place(start: number, length: number): Place {
    return { path: '', line: this.#lineNumber, column: start + 1, length };
  }
}

/** network.conf of 2004 has keys and no section at all. */
function fromThreeLines(root: Section): Section {
  if (root.entries.length === 0 || root.sections.length > 0) return root;
  const place = root.entries[0]!.keyPlace;
  const totem = emptySection('totem', place);
  const link = emptySection('interface', place);
  link.entries.push(...root.entries);
  totem.sections.push(link);
  return { ...root, entries: [], sections: [totem] };
}
