/** Who watches a run: the trace of the command line, and scenarios. Watching changes nothing. */
import type { CoreEvent, Member } from '../totem/boundary.js';
import type { Output } from '../totem/membership.js';
import type { Action } from './actions.js';
import type { TraceEvent } from './checker/trace.js';
import type { Delivered } from './consumer.js';
import type { Fate, SocketClass } from './network.js';
import type { SubmitRecord } from './workload.js';

export interface Observer {
  /** What the harness does. */
  action(time: number, action: Action): void;
  /** A process began or ended. */
  life(time: number, process: Member, what: string): void;
  /** An event reaches membership. */
  event(time: number, process: Member, event: CoreEvent): void;
  /** Membership decides. */
  output(time: number, process: Member, output: Output): void;
  /** The core recorded something. */
  trace(time: number, process: Member, event: TraceEvent): void;
  /** The application read something. */
  read(time: number, process: Member, delivered: Delivered): void;
  submitted(time: number, process: Member, record: SubmitRecord): void;
  /** `from` and `to` are numbers of nodes. */
  packet(time: number, fate: Fate, from: number, to: number, socket: SocketClass, bytes: Uint8Array): void;
}
