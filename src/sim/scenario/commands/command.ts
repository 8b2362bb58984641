import type { Words } from '../words.js';
import type { World } from '../world.js';

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** Does it, and returns what is printed. */
  readonly run: (world: World, words: Words) => string[];
}
