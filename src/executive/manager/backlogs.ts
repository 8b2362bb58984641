/**
 * Keeps the order of a sender whose messages were refused where there was no quorum, while later ones of it still waited in its send
 * queue. It says so in its hello, and all members go on to refuse what it sends until a marker of it comes by: that is behind all that
 * its queue held. What was refused then goes out again, in order. Who is behind follows from hellos and markers alone, so that all who
 * are together apply the same messages.
 */
import type { Hello } from './hello.js';

export class Backlogs {
  readonly #nodeId: number;
  readonly #send: () => boolean;
  /** Senders of whom nothing counts. */
  #behind = new Set<number>();
  /** Of this node; it may outlast its configuration, and then stands behind the queue of the next one just as well. */
  #isMarkerOnTheWay = false;

  /** `send`: a marker; false, there is no room. */
  constructor(nodeId: number, send: () => boolean) {
    this.#nodeId = nodeId;
    this.#send = send;
  }

  /** Of this node: nothing of what waits may go yet. */
  get isOwn(): boolean {
    return this.has(this.#nodeId);
  }

  has(sender: number): boolean {
    return this.#behind.has(sender);
  }

  /** All members have said hello. */
  planned(hellos: ReadonlyMap<number, Hello>): void {
    this.#behind = new Set([...hellos].filter(([, { isBehind }]) => isBehind).map(([node]) => node));
  }

  /** False: there was no room for the marker. */
  mark(): boolean {
    this.#isMarkerOnTheWay ||= this.#send();
    return this.#isMarkerOnTheWay;
  }

  /** A marker came by. `counts`: in a primary component. */
  marked(sender: number, counts: boolean): void {
    if (sender === this.#nodeId) this.#isMarkerOnTheWay = false;
    if (counts) this.#behind.delete(sender);
  }
}
