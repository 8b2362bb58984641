/** The words of a command, taken one after another; each taker says what it wanted if it does not get it. */
import { MICROSECOND, MILLISECOND, SECOND } from '../time.js';

/** A mistake in a scenario: shown with the line. */
export class ScenarioError extends Error {}

const UNITS: Readonly<Record<string, number>> = { us: MICROSECOND, ms: MILLISECOND, s: SECOND };
const SIZES: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1 << 20 };

export class Words {
  private readonly words: readonly string[];
  private next = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  get left(): number {
    return this.words.length - this.next;
  }

  peek(): string | undefined {
    return this.words[this.next];
  }

  word(what: string): string {
    const word = this.words[this.next++];
    if (word === undefined) throw new ScenarioError(`${what} is missing`);
    return word;
  }

  /** Takes the word if it is the next one. */
  has(word: string): boolean {
    if (this.peek() !== word) return false;
    this.next++;
    return true;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left > 0) throw new ScenarioError(`'${this.peek()}' is not expected here`);
  }

  number(what: string): number {
    const word = this.word(what);
    const value = Number(word);
    if (word === '' || !Number.isFinite(value)) throw new ScenarioError(`${what} is a number, not '${word}'`);
    return value;
  }

  /** Index of a node; scenarios count them from 1. */
  node(): number {
    return this.number('a node') - 1;
  }

  /** Nodes up to the end or another word, at least one. */
  nodes(): number[] {
    const nodes = [this.node()];
    while (/^\d+$/.test(this.peek() ?? '')) nodes.push(this.node());
    return nodes;
  }

  /** `200us`, `5ms`, `1.5s`: ns. */
  duration(): number {
    const word = this.word('a time');
    const match = /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(word);
    if (match === null) throw new ScenarioError(`a time is like 5ms or 1.5s, not '${word}'`);
    return Math.round(Number(match[1]) * (UNITS[match[2] as string] as number));
  }

  /** `64`, `4KiB`, `1MiB`: bytes. */
  size(): number {
    const word = this.word('a size');
    const match = /^(\d+)(B|KiB|MiB)?$/.exec(word);
    if (match === null) throw new ScenarioError(`a size is like 64 or 4KiB, not '${word}'`);
    return Number(match[1]) * (SIZES[match[2] ?? ''] as number);
  }

  /** `30%`: 0.3. */
  percentage(): number {
    const word = this.word('a percentage');
    const match = /^(\d+(?:\.\d+)?)%$/.exec(word);
    if (match === null) throw new ScenarioError(`a percentage is like 30%, not '${word}'`);
    return Number(match[1]) / 100;
  }

  oneOf<T extends string>(what: string, choices: readonly T[]): T {
    const word = this.word(what);
    const found = choices.find((choice) => choice === word);
    if (found === undefined) throw new ScenarioError(`${what} is ${choices.join(', ')}, not '${word}'`);
    return found;
  }

  /** `x10`: how often; 1 if it is not there. */
  times(): number {
    const match = /^x(\d+)$/.exec(this.peek() ?? '');
    if (match === null) return 1;
    this.next++;
    return Number(match[1]);
  }

  /** `name=value` words up to the end. */
  settings(): Map<string, string> {
    const settings = new Map<string, string>();
    while (this.left > 0) {
      const word = this.word('a setting');
      const at = word.indexOf('=');
      if (at <= 0) throw new ScenarioError(`a setting is like window=10, not '${word}'`);
      settings.set(word.slice(0, at), word.slice(at + 1));
    }
    return settings;
  }
}
