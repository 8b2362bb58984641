/** What the checker of services is given: what clients asked and were told, and what their executives were delivered. In order of time. */
import type { Member } from '../../totem/boundary.js';
import type { Message } from './message.js';

/** What a client asked for that changes something, and what became of it. */
export interface Call {
  readonly what: 'create' | 'overwrite' | 'write' | 'delete' | 'expire' | 'publish' | 'clear' | 'other';
  /** Of an executive's process. */
  readonly process: number;
  /** What its message is known by, wherever it is delivered. */
  readonly token: string;
  /** Checkpoint or channel. */
  readonly name: string;
  /** Acknowledged when all members have it. */
  readonly isSafe: boolean;
  readonly text: string;
  /** What is written where: sections by their ids. */
  readonly writes: readonly { readonly section: string; readonly offset: number; readonly data: Buffer }[];
  /** 'refused': nothing was done. 'unknown': given up, or the executive has gone. */
  result: 'open' | 'done' | 'refused' | 'unknown';
  /** With what it failed. */
  code?: string;
  /** Of an event that was published. */
  id?: bigint;
}

/** What a subscription was told, in order. */
export interface Heard {
  readonly process: number;
  readonly connection: number;
  readonly channel: string;
  /** Events whose first pattern begins so. */
  readonly prefix: string;
  readonly events: { readonly id: bigint; readonly token: string }[];
  /** By subscribing: which message gave it its place. */
  readonly place: string;
  /** Its user has not given it up, and was not told that it is closed. */
  isOpen: () => boolean;
}

export type Entry =
  | { readonly kind: 'start'; readonly process: number; readonly node: number }
  | { readonly kind: 'transitional'; readonly process: number; readonly id: string }
  | {
      readonly kind: 'regular';
      readonly process: number;
      readonly id: string;
      readonly view: number;
      readonly members: readonly number[];
    }
  | { readonly kind: 'message'; readonly process: number; readonly message: Message }
  /** The services have the state of the configuration. */
  | {
      readonly kind: 'synchronized';
      readonly process: number;
      readonly isPrimary: boolean;
      /** Who left and who joined, as services are told. */
      readonly view: string;
    }
  | { readonly kind: 'applied'; readonly process: number; readonly position: bigint; readonly key: string }
  /** The executive has answered a request that it is done. */
  | { readonly kind: 'acknowledged'; readonly process: number; readonly token: string }
  | { readonly kind: 'end'; readonly process: number };

export class Journal {
  readonly entries: Entry[] = [];
  readonly calls: Call[] = [];
  readonly heard: Heard[] = [];
  /** By number. */
  readonly processes = new Map<number, Member>();
  /** By node, what its state file says of the primary configuration that it was in last. */
  readonly primaryViews = new Map<number, number>();
  readonly problems: { readonly process: number; readonly text: string }[] = [];
  readonly #messages = new Map<bigint, Message>();
  #lastToken = 0;

  /** Part of what a message holds: no two have one. */
  newToken(): string {
    return `#${String(++this.#lastToken).padStart(10, '0')}:`;
  }

  /** The same object wherever it is delivered. */
  message(label: bigint, make: () => Message): Message {
    let message = this.#messages.get(label);
    if (message === undefined) {
      message = make();
      this.#messages.set(label, message);
    }
    return message;
  }
}

export const TOKEN_LENGTH = 12;
