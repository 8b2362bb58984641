/** What a node's services must hold, as far as it follows from what was delivered to it: the checker's own idea of it, in plain maps. */
import type { Call } from '../journal.js';
import type { Message } from '../message.js';

/** A change of a checkpoint, and the configuration that had the state then. */
export interface Change {
  readonly token: string;
  /** In the order: a message has one of its own in each transitional configuration. */
  readonly place: string;
  readonly configuration: string;
}

/** A checkpoint that is to stay. */
export interface Instance {
  readonly name: string;
  /** Oldest first; its creation is one. */
  readonly changes: readonly Change[];
}

export interface Retained {
  readonly channel: string;
  readonly token: string;
  readonly pattern: string;
  /** False: whether it was published or cleared is not known. */
  readonly isSure: boolean;
  /** It ends within the run, sometime. */
  readonly isShort: boolean;
}

export interface Names {
  readonly calls: ReadonlyMap<string, Call>;
  /** Of calls, by token, in the order in which they were made. */
  readonly places: ReadonlyMap<string, number>;
  readonly isLasting: (checkpoint: string) => boolean;
  readonly isLastingChannel: (channel: string) => boolean;
}

export class ServiceState {
  /** There was a checkpoint once. */
  wasChanged = false;
  /** By the place of its creation. */
  instances = new Map<string, Instance>();
  /** Instances, by the name of the checkpoint. */
  names = new Map<string, string>();
  /** Of checkpoints: what became of them in a merge cannot be told. */
  unclear = new Set<string>();
  checkpointHandles = new Map<string, string>();
  channelHandles = new Map<string, string>();
  events = new Map<bigint, Retained>();
  /** Tokens of all that was applied here, or where the state comes from. */
  seen = new Set<string>();

  copy(): ServiceState {
    const copy = new ServiceState();
    copy.wasChanged = this.wasChanged;
    copy.instances = new Map(this.instances);
    copy.names = new Map(this.names);
    copy.unclear = new Set(this.unclear);
    copy.checkpointHandles = new Map(this.checkpointHandles);
    copy.channelHandles = new Map(this.channelHandles);
    copy.events = new Map(this.events);
    copy.seen = new Set(this.seen);
    return copy;
  }

  /** `transitional`: in which it was delivered, if in one; `configuration`: that had the state last. */
  apply(
    message: Message,
    configuration: string,
    transitional: string,
    { calls, isLasting, isLastingChannel }: Names,
  ): void {
    if ('token' in message) this.seen.add(message.token);
    switch (message.kind) {
      case 'openCheckpoint':
        this.#openCheckpoint(message, configuration, transitional, isLasting);
        return;
      case 'change':
        if (calls.get(message.token)?.result !== 'refused') this.#change(message, configuration, transitional);
        return;
      case 'openChannel':
        this.channelHandles.set(message.handle, message.name);
        return;
      case 'publish':
        this.#publish(message, calls.get(message.token), isLastingChannel);
        return;
      case 'clear':
        this.#clear(message.id, calls.get(message.token));
    }
  }

  /** What was done is not part of this state, and nothing undid it. */
  lacks({ token, what, name }: Call): boolean {
    if (!this.seen.has(token)) return true;
    const instance = this.instances.get(this.names.get(name) ?? '');
    if (what === 'clear' || instance === undefined || this.unclear.has(name)) return false;
    return !instance.changes.some((change) => change.token === token);
  }

  #openCheckpoint(
    { handle, name, isCreating }: Extract<Message, { kind: 'openCheckpoint' }>,
    configuration: string,
    transitional: string,
    isLasting: (name: string) => boolean,
  ): void {
    if (isCreating) this.wasChanged = true;
    if (!isLasting(name)) return;
    if (isCreating && !this.names.has(name)) {
      const place = `${handle} ${transitional}`;
      this.names.set(name, place);
      this.instances.set(place, { name, changes: [{ token: handle, place, configuration }] });
    }
    const instance = this.names.get(name);
    if (instance !== undefined) this.checkpointHandles.set(handle, instance);
  }

  #change({ handle, token }: Extract<Message, { kind: 'change' }>, configuration: string, transitional: string): void {
    const id = this.checkpointHandles.get(handle);
    const instance = id === undefined ? undefined : this.instances.get(id);
    if (instance === undefined) return;
    const place = `${token} ${transitional}`;
    this.instances.set(id!, { ...instance, changes: [...instance.changes, { token, place, configuration }] });
  }

  #publish(
    { handle, id, token, pattern, isRetained, isShort }: Extract<Message, { kind: 'publish' }>,
    call: Call | undefined,
    isLastingChannel: (name: string) => boolean,
  ): void {
    const channel = this.channelHandles.get(handle);
    if (channel === undefined || !isRetained || call?.result === 'refused' || !isLastingChannel(channel)) return;
    this.events.set(id, { channel, token, pattern, isSure: call?.result === 'done', isShort });
  }

  #clear(id: bigint, call: Call | undefined): void {
    const event = this.events.get(id);
    if (event === undefined || call?.result === 'refused') return;
    if (call?.result === 'done') this.events.delete(id);
    else this.events.set(id, { ...event, isSure: false });
  }
}
