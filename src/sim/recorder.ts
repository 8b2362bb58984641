/** Collects what the checker needs while a simulation runs (src/sim/checker/history.ts). */
import type { Command, Member } from '../totem/boundary.js';
import type { Alone, Calm, Crash, OnWire, Persisted, Placed, Sample, Submit } from './checker/history.js';
import type { ProcessTrace, TraceEvent } from './checker/trace.js';
import type { Delivered } from './consumer.js';
import { Journal } from './services/journal.js';
import type { SubmitRecord } from './workload.js';

/** What is known of one process beside its trace. */
export interface ProcessRecord extends ProcessTrace {
  readonly events: TraceEvent[];
  /** What its application read. */
  delivered: readonly Delivered[];
  /** What was wrong with the contents of a message that it read. */
  damage: string | undefined;
  /** Its application was so slow that deliveries may have waited for room. */
  wasCrowded: boolean;
}

export class Recorder {
  readonly processes: ProcessRecord[] = [];
  readonly crashes: Crash[] = [];
  readonly submits: Submit[] = [];
  readonly placed: Placed[] = [];
  readonly persisted: Persisted[] = [];
  readonly onWire: OnWire[] = [];
  readonly samples: Sample[] = [];
  readonly alone: Alone[] = [];
  readonly calm: Calm[] = [];
  /** Of services and their clients. */
  readonly journal = new Journal();
  failuresToReceive = 0;
  /** Loops that hung where services could wait for them. */
  hangs = 0;
  /** Commands of membership that the core could not read. */
  readonly malformed: { readonly process: Member; readonly time: number; readonly command: number }[] = [];
  /** Nodes whose disk was set back. */
  readonly forgetful = new Set<number>();
  private readonly highestOnWire = new Map<number, bigint>();

  process(process: Member): ProcessRecord {
    const record: ProcessRecord = { process, events: [], delivered: [], damage: undefined, wasCrowded: false };
    this.processes.push(record);
    return record;
  }

  crash(process: Member, time: number): void {
    this.crashes.push({ process, time });
  }

  submit(process: Member, time: number, record: SubmitRecord): void {
    const { label, accepted, priority, safe, onlyIn, ticket } = record;
    this.submits.push({
      process,
      time,
      label,
      accepted,
      priority,
      safe,
      ...(onlyIn === undefined ? {} : { onlyIn }),
      ...(ticket === 0n ? {} : { ticket }),
    });
  }

  /** A control packet leaves: which ring sequences it tells. Only a new highest one says anything. */
  control(node: number, time: number, command: Command): void {
    const ringSeq = ringSeqOf(command);
    if (ringSeq === undefined || ringSeq <= (this.highestOnWire.get(node) ?? 0n)) return;
    this.highestOnWire.set(node, ringSeq);
    this.onWire.push({ node, time, ringSeq });
  }

  /** What may have made a process alone. */
  mayBeAlone(process: Member, from: number, until: number, reason: string): void {
    this.alone.push({ process, from, until, reason });
  }
}

function ringSeqOf(command: Command): bigint | undefined {
  if (command.type !== 'control') return undefined;
  switch (command.packet) {
    case 'join': {
      const { ringSeq, old } = command.body;
      if (old.seq > ringSeq) return old.seq;
      return ringSeq;
    }
    case 'commitToken':
    case 'mergeDetect':
    case 'leave':
      return command.body.ring.seq;
  }
}
