/** A session beyond a link: its requests become frames. What it is told comes through the inflow of its connection. */
import { BodyWriter } from '../../ipc/body.js';
import type { EvsSettle, EvsSink, PriorityCode } from '../../ipc/evs.js';
import { CLOSE, EVS_SERVICE, GROUPS_MAX, JOIN, LEAVE, PASSED, writeGroups } from '../../ipc/evs-frames.js';
import type { WindowLink } from '../../ipc/link.js';
import { settleWith } from './remote-answer.js';
import { type RemoteDestination, RemoteDestinations } from './remote-destination.js';
import type { RemoteInflow } from './remote-inflow.js';

export class RemoteSession {
  /** Unique on the node while the executive lives. */
  id = 0;
  readonly object: number;
  readonly sink: EvsSink;
  /** Bytes that were handed to the sink and not acknowledged. */
  consumed = 0;
  /** Something was handed to the sink since its last end of a batch. */
  isTouched = false;
  readonly #link: WindowLink;
  readonly #inflow: RemoteInflow;
  readonly #destinations: RemoteDestinations;
  /** Of the messages that were sent, those that are known to have passed, and are no longer held back from the sink. */
  #passed = 0;

  constructor(link: WindowLink, inflow: RemoteInflow, object: number, sink: EvsSink) {
    this.object = object;
    this.sink = sink;
    this.#link = link;
    this.#inflow = inflow;
    this.#destinations = new RemoteDestinations(link, object);
  }

  /** False: there is no room for the request now. */
  join(groups: readonly string[], flags: number, settle: EvsSettle): boolean {
    return this.#request(JOIN, groups, flags, settle);
  }

  /** In order; stops at the first that is not joined (NOT_EXIST with its index). False as in join(). */
  leave(groups: readonly string[], flags: number, settle: EvsSettle): boolean {
    // No session has joined more, so the executive stops before the end.
    return this.#request(LEAVE, groups.slice(0, GROUPS_MAX), flags, settle);
  }

  /** `to` left out: whatever is joined at the time of sending. */
  destination(to: readonly string[] | undefined, priority: PriorityCode, isSafe: boolean): RemoteDestination {
    return this.#destinations.get(to, priority, isSafe);
  }

  /** Calls back once all that was accepted until now has passed its place in the order. Returns how to give up waiting. */
  whenPassed(done: () => void): () => void {
    const { sent } = this.#destinations;
    if (this.#passed >= sent) {
      done();
      return () => {};
    }
    let giveUp = () => {};
    let isGivenUp = false;
    const passed = settleWith((refusal) => {
      if (refusal !== undefined) return;
      this.#inflow.afterHeld(() => {
        this.#passed = Math.max(this.#passed, sent);
        if (!isGivenUp) done();
      });
    });
    const ask = () => {
      const tag = this.#link.request(EVS_SERVICE, PASSED, 0, this.#body(), passed);
      if (tag !== false) giveUp = () => this.#link.cancel(tag);
      return tag !== false;
    };
    if (!ask()) giveUp = this.#link.whenRoom(ask);
    return () => {
      isGivenUp = true;
      giveUp();
    };
  }

  /** The sink has room again after it returned false. */
  resume(): void {
    this.#inflow.resume(this);
  }

  close(): void {
    this.#inflow.remove(this);
    const close = () => this.#link.request(EVS_SERVICE, CLOSE, 0, this.#body()) !== false;
    if (!close()) this.#link.whenRoom(close);
  }

  #request(fn: number, groups: readonly string[], flags: number, settle: EvsSettle): boolean {
    const body = writeGroups(new BodyWriter().u32(this.object), groups).finish();
    return this.#link.request(EVS_SERVICE, fn, flags, body, settleWith(settle)) !== false;
  }

  #body(): Buffer {
    return new BodyWriter(4).u32(this.object).finish();
  }
}
