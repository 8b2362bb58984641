/**
 * The queue of an open channel, for the subscriptions that are iterated: bounded for all of them together, and kept for each by priority.
 * An overflow lasts from the first event that finds no room until `resume` events are left.
 */
import { lostEvent } from './event.js';
import type { ChannelEvent } from './types.js';

const PRIORITIES = 4;
/** Events that were taken and still have a place in the array. */
const MAX_TAKEN = 1024;

interface Queued {
  readonly event: ChannelEvent;
  /** In the order of arrival. */
  readonly number: number;
}

/** Events of one subscription and priority, oldest first. */
class Line {
  #events: Queued[] = [];
  #first = 0;

  get length(): number {
    return this.#events.length - this.#first;
  }

  get newest(): Queued | undefined {
    return this.length === 0 ? undefined : this.#events.at(-1);
  }

  push(queued: Queued): void {
    this.#events.push(queued);
  }

  takeNewest(): void {
    this.#events.pop();
  }

  takeOldest(): ChannelEvent | undefined {
    if (this.length === 0) return undefined;
    const { event } = this.#events[this.#first]!;
    this.#first++;
    if (this.#first === this.#events.length || this.#first === MAX_TAKEN) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
    return event;
  }
}

/** The events of one subscription. */
export class SubscriptionQueue {
  readonly lines: readonly Line[] = Array.from({ length: PRIORITIES }, () => new Line());
  /** True: somebody waits, and has it. */
  readonly offer: (event: ChannelEvent) => boolean;

  constructor(offer: (event: ChannelEvent) => boolean) {
    this.offer = offer;
  }

  get length(): number {
    return this.lines.reduce((sum, line) => sum + line.length, 0);
  }
}

export class ChannelQueue {
  lostCount = 0;
  readonly #size: number;
  readonly #resume: number;
  readonly #subscriptions = new Set<SubscriptionQueue>();
  /** Events of all subscriptions; a lost-event notification is none. */
  #length = 0;
  #arrived = 0;
  #isOverflown = false;
  /** For whoever asks next, whatever its filters. */
  #lost: ChannelEvent | undefined;

  constructor(size: number, resume: number) {
    this.#size = size;
    this.#resume = resume;
  }

  add(subscription: SubscriptionQueue): void {
    this.#subscriptions.add(subscription);
  }

  /** With all that waits for it. */
  remove(subscription: SubscriptionQueue): void {
    if (this.#subscriptions.delete(subscription)) this.#left(subscription.length);
  }

  put(subscription: SubscriptionQueue, event: ChannelEvent): void {
    if (subscription.offer(event)) return;
    if (this.#isOverflown || this.#length >= this.#size) {
      this.#overflow(event);
      if (!this.#driveOut(event.priority)) return;
    }
    subscription.lines[event.priority]!.push({ event, number: this.#arrived++ });
    this.#length += 1;
  }

  /** The next for this subscription. */
  take(subscription: SubscriptionQueue): ChannelEvent | undefined {
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost !== undefined) return lost;
    for (const line of subscription.lines) {
      const event = line.takeOldest();
      if (event === undefined) continue;
      this.#left(1);
      return event;
    }
    return undefined;
  }

  /** The event, or one that it drives out, is lost. */
  #overflow(event: ChannelEvent): void {
    this.lostCount += 1;
    if (this.#isOverflown) return;
    this.#isOverflown = true;
    if (this.#lost !== undefined) return;
    const lost = lostEvent(event.publishTime);
    const isTaken = [...this.#subscriptions].some((subscription) => subscription.offer(lost));
    if (!isTaken) this.#lost = lost;
  }

  /** Makes room among lower priorities, the lowest first. */
  #driveOut(priority: number): boolean {
    for (let lower = PRIORITIES - 1; lower > priority; lower--) {
      let newest: Line | undefined;
      for (const { lines } of this.#subscriptions) {
        const line = lines[lower]!;
        if (line.length > 0 && (newest === undefined || line.newest!.number > newest.newest!.number)) newest = line;
      }
      if (newest === undefined) continue;
      newest.takeNewest();
      this.#length -= 1;
      return true;
    }
    return false;
  }

  #left(count: number): void {
    this.#length -= count;
    if (this.#length <= this.#resume) this.#isOverflown = false;
  }
}
