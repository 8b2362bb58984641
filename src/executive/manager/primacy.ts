/** Whether this node is in the primary component, and what it has to remember of that. Without quorum every component is primary. */
import type { Hello } from './hello.js';
import { countVotes, lacksState, type QuorumOptions } from './votes.js';

export interface PrimacyOptions {
  /** Undefined: every component is primary. */
  readonly quorum: QuorumOptions | undefined;
  /** What onPrimary told last, in an earlier life of this node; 0: nothing. */
  readonly rememberedView?: number;
  /** This node is in a primary configuration, with its state: to be remembered. */
  readonly onPrimary?: (viewNumber: number) => void;
}

export class Primacy {
  readonly #options: PrimacyOptions;
  #isPrimary = true;
  #hasSeenAll = false;
  #rememberedView: number;

  constructor(options: PrimacyOptions) {
    this.#options = options;
    this.#rememberedView = options.rememberedView ?? 0;
  }

  get isPrimary(): boolean {
    return this.#isPrimary;
  }

  /** For a hello. */
  get about(): Pick<Hello, 'rememberedView' | 'hasSeenAll'> {
    return { rememberedView: this.#rememberedView, hasSeenAll: this.#hasSeenAll };
  }

  /** All members have said hello. */
  vote(members: readonly number[], hellos: readonly Hello[]): void {
    const { quorum } = this.#options;
    if (quorum === undefined) return;
    const hadSeenAll = hellos.some(({ hasSeenAll }) => hasSeenAll);
    const ballot = countVotes(quorum, members, hadSeenAll);
    this.#isPrimary = ballot.isPrimary && (ballot.isComplete || !lacksState(hellos));
    this.#hasSeenAll = ballot.hasSeenAll;
  }

  /** This node has the state of a configuration. */
  committed(viewNumber: number): void {
    if (this.#options.quorum === undefined || !this.#isPrimary) return;
    this.#rememberedView = viewNumber;
    this.#options.onPrimary?.(viewNumber);
  }
}
