/** What membership was told and decided: counted, told to who traces, kept by the flight recorder. */
import { ringName } from '../gmi/configuration.js';
import { publish } from '../observe/channels.js';
import type { FlightRecorder } from '../observe/flight-recorder.js';
import type { Logger } from '../observe/log.js';
import type { MembershipCounts } from '../observe/metrics.js';
import type { RingId } from '../totem/boundary.js';
import type { Input, Output } from '../totem/membership.js';

/** What goes on for ever on a ring that is well: records of it would push out those that matter. */
const ROUTINE: ReadonlySet<string> = new Set(['tick', 'mergeDetect', 'pong', 'probe']);

interface Named {
  readonly name: string;
  readonly fields: object;
}

export class MembershipLog {
  readonly #entered = new Map<string, number>();
  readonly #inputs = new Map<string, number>();
  readonly #tokenLost = new Map<string, number>();
  readonly #configurations = new Map<string, number>();
  readonly #node: number;
  readonly #recorder: FlightRecorder;
  readonly #log: Logger;
  #state = 'boot';

  constructor(node: number, recorder: FlightRecorder, log: Logger) {
    this.#node = node;
    this.#recorder = recorder;
    this.#log = log;
  }

  get counts(): MembershipCounts {
    return {
      entered: this.#entered,
      inputs: this.#inputs,
      tokenLost: this.#tokenLost,
      configurations: this.#configurations,
    };
  }

  /** One step of membership, before its outputs are carried out. `time`: milliseconds since 1970. */
  step(input: Input, outputs: readonly Output[], time: number): void {
    const told = nameOfInput(input);
    count(this.#inputs, told.name);
    if (told.name === 'tokenLoss') count(this.#tokenLost, this.#state);
    const decided = outputs.map(nameOfOutput);
    if (![told, ...decided].every(({ name }) => ROUTINE.has(name))) {
      this.#recorder.add({ time, kind: 'input', input: told.name, ...told.fields });
      for (const { name, fields } of decided) this.#recorder.add({ time, kind: 'output', output: name, ...fields });
    }
    for (const output of outputs) if (output.type === 'state') this.#changed(output);
  }

  configuration(configuration: { readonly kind: 'regular' | 'transitional' }, time: number): void {
    count(this.#configurations, configuration.kind);
    this.#recorder.add({ ...configuration, time, kind: 'configuration', configuration: configuration.kind });
    if (configuration.kind === 'regular') this.#recorder.changed();
  }

  #changed({ from, to, reason }: Extract<Output, { type: 'state' }>): void {
    this.#state = to;
    count(this.#entered, to);
    this.#log.debug({ from, to, reason }, 'membership');
    publish('openais:membership', this.#node, { from, to, reason });
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function nameOfInput(input: Input): Named {
  if (input.type !== 'event') {
    const { type, ...fields } = input;
    return { name: type, fields: brief(fields) };
  }
  const { event } = input;
  if (event.type === 'control') {
    const { packet, sender, body } = event;
    return { name: packet, fields: { from: sender.node, ...brief(body) } };
  }
  const { type, ...fields } = event;
  return { name: type, fields: brief(fields) };
}

function nameOfOutput(output: Output): Named {
  if (output.type !== 'command') {
    const { type, ...fields } = output;
    return { name: type, fields: brief(fields) };
  }
  const { command } = output;
  if (command.type === 'control') {
    const { packet, node, body } = command;
    return { name: packet, fields: { to: node === 0 ? 'all' : node, ...brief(body) } };
  }
  const { type, ...fields } = command;
  return { name: type, fields: brief(fields) };
}

/** Rings by their names, processes by their nodes; no bytes. */
function brief(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, briefValue(value)]));
}

function briefValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(briefValue);
  if (typeof value !== 'object' || value === null) return value;
  if ('representative' in value) return ringName(value as RingId);
  if ('node' in value) return value.node;
  return value instanceof Uint8Array ? undefined : brief(value);
}
