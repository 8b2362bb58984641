/**
 * Messages for one session that lie behind each other where the ring's thread wrote them, and differ in their data alone: one event, which
 * is copied at once. It grows until something else is told, or the memory is given back.
 */
import type { EvsDelivery } from '../../ipc/evs.js';
import {
  EVS_SERVICE,
  MESSAGE,
  MESSAGE_HEADER_SIZE,
  MESSAGES,
  MESSAGES_HEADER_SIZE,
  paddedFrame,
  SAFE_BIT,
} from '../../ipc/evs-frames.js';
import type { Growing, RunLink } from '../../ipc/link.js';
import type { GroupNumbers } from './group-numbers.js';

/** Bytes of a run: with its head it fits well into what leaves with one write. */
const RUN_MAX = 32 << 10;
const NO_MEMORY = Buffer.alloc(0);

export class MessageRun implements Growing {
  readonly #link: RunLink;
  readonly #object: number;
  readonly #numbers: GroupNumbers;
  readonly #head = Buffer.alloc(MESSAGES_HEADER_SIZE);
  readonly #shortHead = this.#head.subarray(0, MESSAGE_HEADER_SIZE);
  #memory: Buffer = NO_MEMORY;
  #groups: readonly string[] = [];
  #sender = 0;
  #session = 0;
  #kind = 0;
  /** Of the first frame. */
  #at = 0;
  /** Of the first message. */
  #start = 0;
  #end = 0;
  #isSingle = true;

  constructor(link: RunLink, object: number, numbers: GroupNumbers) {
    this.#link = link;
    this.#object = object;
    this.#numbers = numbers;
  }

  add(delivery: EvsDelivery): void {
    if (this.#link.growing === this && this.#continues(delivery)) {
      this.#end = delivery.end;
      this.#isSingle = false;
      return;
    }
    this.#link.settle();
    this.#memory = delivery.memory;
    this.#groups = delivery.groups;
    this.#sender = delivery.sender;
    this.#session = delivery.session;
    this.#kind = kindOf(delivery);
    this.#at = delivery.at;
    this.#start = delivery.start;
    this.#end = delivery.end;
    this.#isSingle = true;
    this.#link.grow(this);
  }

  write(): void {
    const head = this.#head;
    head.writeUInt32LE(this.#numbers.of(this.#groups), 0);
    head.writeUInt32LE(this.#sender, 4);
    head.writeUInt32LE(this.#session, 8);
    head[12] = this.#kind;
    const [at, start, end] = [this.#at, this.#start, this.#end];
    if (this.#isSingle) {
      this.#link.event(EVS_SERVICE, this.#object, MESSAGE, this.#shortHead, this.#memory, start, end);
    } else {
      head[13] = start - at;
      this.#link.event(EVS_SERVICE, this.#object, MESSAGES, head, this.#memory, at, end);
    }
  }

  #continues(delivery: EvsDelivery): boolean {
    const { memory, at, start, end, groups, sender, session } = delivery;
    return (
      at === paddedFrame(this.#end) &&
      memory === this.#memory &&
      end - this.#at <= RUN_MAX &&
      start - at === this.#start - this.#at &&
      session === this.#session &&
      sender === this.#sender &&
      groups === this.#groups &&
      kindOf(delivery) === this.#kind
    );
  }
}

function kindOf({ priority, isSafe }: EvsDelivery): number {
  return isSafe ? priority | SAFE_BIT : priority;
}
