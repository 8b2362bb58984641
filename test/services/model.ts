/**
 * A cluster for tests of services: the total order, components and synchronisation as src/executive/service.ts promises them, in one
 * process and without a ring. Everything happens in later microtasks, so that a client's promises settle as they do in earnest.
 */
import type { AisError } from '../../src/ais-error.js';
import type {
  Component,
  LibraryRequest,
  Outcome,
  Service,
  ServiceConfiguration,
  ShadowState,
} from '../../src/executive/service.js';
import { BodyError, BodyReader } from '../../src/ipc/body.js';
import type { Answer, LibraryLink } from '../../src/ipc/link.js';

interface Ordered {
  readonly node: ModelNode;
  readonly connection: number;
  readonly fn: number;
  readonly body: Buffer;
  readonly answer: ((outcome: Outcome) => void) | undefined;
}

/** Nodes that are in one configuration. */
class ModelComponent {
  readonly cluster: ModelCluster;
  readonly nodes: readonly ModelNode[];
  readonly id: string;
  readonly history: readonly string[];
  readonly #queue: (Ordered | { readonly node: ModelNode; readonly read: () => void })[] = [];
  #isRunning = false;

  constructor(cluster: ModelCluster, nodes: readonly ModelNode[], id: string, history: readonly string[]) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.id = id;
    this.history = [...history, id];
  }

  add(item: Ordered | { readonly node: ModelNode; readonly read: () => void }): void {
    this.#queue.push(item);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#isRunning = false;
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      if ('read' in item) {
        if (this.nodes.includes(item.node)) item.read();
      } else {
        this.#apply(item);
      }
    }
  }

  #apply({ node: sender, connection, fn, body, answer }: Ordered): void {
    const { time } = this.cluster;
    const position = this.cluster.nextPosition();
    for (const node of this.nodes) {
      if (node.isDead) continue;
      const message = { sender: sender.id, connection, time, position, body: new BodyReader(Buffer.from(body)) };
      try {
        const outcome = node.service.executive[fn]!(message);
        if (node === sender && outcome !== undefined) answer?.(outcome);
      } catch (error) {
        if (!(error instanceof BodyError)) throw error;
        this.cluster.violations.push(error.message);
      }
    }
  }
}

/** Those of a configuration who come along together. */
interface Part {
  readonly component: ModelComponent;
  readonly members: readonly ModelNode[];
}

export class ModelNode {
  readonly id: number;
  readonly service: Service;
  readonly cluster: ModelCluster;
  component!: ModelComponent;
  isDead = false;
  /** No room: what clients want ordered is refused. */
  isFull = false;
  readonly #links = new Map<number, ModelLink>();
  #lastConnection = 0;

  constructor(cluster: ModelCluster, id: number, service: Service) {
    this.cluster = cluster;
    this.id = id;
    this.service = service;
    service.start({
      nodeId: id,
      order: (fn, body) =>
        this.component.add({ node: this, connection: 0, fn, body: Buffer.from(body), answer: undefined }),
      violation: (what) => cluster.violations.push(what),
      notice: (fields) => cluster.notices.push({ node: id, ...fields }),
    });
  }

  connect(): ModelLink {
    const link = new ModelLink(this, ++this.#lastConnection);
    this.#links.set(link.connection.id, link);
    return link;
  }

  disconnect(link: ModelLink): void {
    if (this.#links.delete(link.connection.id) && !this.isDead) this.service.disconnected?.(link.connection);
  }
}

/** A client's end; what it asks comes to the node in a later microtask. */
export class ModelLink implements LibraryLink {
  readonly welcome;
  readonly connection;
  onEnd: (reason: AisError) => void = () => {};
  readonly #node: ModelNode;
  readonly #heard = new Map<number, (fn: number, body: Buffer) => void>();
  readonly #cancelled = new Set<number>();
  readonly #waiting = new Set<() => boolean>();
  #hasRoom = true;
  #lastTag = 0;
  #isClosed = false;

  constructor(node: ModelNode, id: number) {
    this.#node = node;
    const { service } = node;
    this.welcome = { nodeId: node.id, services: new Map([[service.id, service.number]]) };
    this.connection = {
      id,
      event: (object: number, fn: number, body: Uint8Array) => {
        const copy = Buffer.from(body);
        queueMicrotask(() => {
          if (!this.#isClosed) this.#heard.get(object)?.(fn, copy);
        });
      },
      drop: (what: string) => {
        throw new Error(`dropped: ${what}`);
      },
    };
  }

  request(
    _service: number,
    fn: number,
    _flags: number,
    body: Uint8Array,
    answered?: (answer: Answer) => void,
  ): number | false {
    if (!this.#hasRoom) return false;
    const tag = ++this.#lastTag;
    const copy = Buffer.from(body);
    queueMicrotask(() => {
      if (!this.#isClosed && !this.#node.isDead && !this.#cancelled.delete(tag)) this.#handle(fn, copy, answered);
    });
    return tag;
  }

  cancel(tag: number): void {
    this.#cancelled.add(tag);
  }

  whenRoom(attempt: () => boolean): () => void {
    this.#waiting.add(attempt);
    return () => this.#waiting.delete(attempt);
  }

  /** Its window, full or not. */
  set hasRoom(hasRoom: boolean) {
    this.#hasRoom = hasRoom;
    for (const attempt of this.#waiting) if (attempt()) this.#waiting.delete(attempt);
  }

  listen(_service: number, object: number, heard: ((fn: number, body: Buffer) => void) | undefined): void {
    if (heard === undefined) this.#heard.delete(object);
    else this.#heard.set(object, heard);
  }

  close(): void {
    this.#isClosed = true;
    queueMicrotask(() => this.#node.disconnect(this));
  }

  #handle(fn: number, body: Buffer, answered: ((answer: Answer) => void) | undefined): void {
    const node = this.#node;
    const answer = (outcome: Outcome) => {
      const made: Answer = outcome.ok
        ? { code: 'SA_AIS_OK', body: Buffer.from(outcome.body ?? []) }
        : { code: outcome.code, what: outcome.what, ...(outcome.index === undefined ? {} : { index: outcome.index }) };
      queueMicrotask(() => {
        if (!this.#isClosed) answered?.(made);
      });
    };
    const request: LibraryRequest = {
      connection: this.connection,
      body: new BodyReader(body),
      answer,
      order: (executiveFn, ordered) => {
        if (node.isFull) return answer({ ok: false, code: 'SA_AIS_ERR_TRY_AGAIN', what: 'full' });
        node.component.add({
          node,
          connection: this.connection.id,
          fn: executiveFn,
          body: Buffer.from(ordered),
          answer,
        });
      },
      afterBarrier: (read) => node.component.add({ node, read: () => answer(read()) }),
    };
    const handler = node.service.library[fn];
    try {
      if (handler === undefined) throw new BodyError(`no function ${fn}`);
      handler.handle(request);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      answer({ ok: false, code: 'SA_AIS_ERR_INVALID_PARAM', what: error.message });
    }
  }
}

export class ModelCluster {
  /** Of the cluster, ms since the Unix epoch; a test moves it with advance(). */
  time = 1_700_000_000_000;
  readonly violations: string[] = [];
  readonly notices: object[] = [];
  readonly nodes = new Map<number, ModelNode>();
  readonly #make: (node: number) => Service;
  #position = 0n;
  #view = 0;

  constructor(make: (node: number) => Service) {
    this.#make = make;
  }

  nextPosition(): bigint {
    return ++this.#position;
  }

  /** New executives, together in one configuration with nobody else. */
  start(...ids: number[]): ModelNode[] {
    const started = ids.map((id) => new ModelNode(this, id, this.#make(id)));
    for (const node of started) {
      this.nodes.set(node.id, node);
      node.component = new ModelComponent(this, [node], `boot ${node.id} ${this.#view}`, []);
    }
    this.form(...ids);
    return started;
  }

  node(id: number): ModelNode {
    return this.nodes.get(id)!;
  }

  crash(id: number): void {
    this.node(id).isDead = true;
    this.nodes.delete(id);
  }

  /** These are one configuration from now on, synchronised. Those who stay behind have to be formed, too. */
  form(...ids: number[]): void {
    const nodes = [...ids].sort((a, b) => a - b).map((id) => this.node(id));
    const viewNumber = ++this.#view;
    const before = new Map(nodes.map((node) => [node, node.component]));
    const parts: Part[] = [...new Set(before.values())].map((component) => ({
      component,
      members: nodes.filter((node) => before.get(node) === component),
    }));
    parts.sort((a, b) => b.members.length - a.members.length || a.members[0]!.id - b.members[0]!.id);
    const isBlank = (part: Part) => part.members[0]!.service.replica?.isBlank() ?? true;
    const full = parts.filter((part) => !isBlank(part));
    const id = `view ${viewNumber}`;
    const [first = parts[0]!] = full;
    const next = new ModelComponent(this, nodes, id, first.component.history);
    const receivers = nodes.filter((node) => full.length > 1 || !first.members.includes(node));
    const commits = receivers.map((node) => receive(node, full));
    for (const commit of commits) commit?.();
    for (const node of nodes) node.component = next;
    const stayed = first.members.map((node) => node.id);
    const old = first.component.nodes.map((node) => node.id);
    const configuration: ServiceConfiguration = {
      id,
      viewNumber,
      members: nodes.map((node) => node.id),
      left: old.filter((member) => !stayed.includes(member)),
      joined: nodes.map((node) => node.id).filter((member) => !stayed.includes(member)),
      greetings: new Map(nodes.map((node) => [node.id, Buffer.from(node.service.greeting?.() ?? [])])),
      time: this.time,
    };
    for (const node of nodes) node.service.configurationChanged?.(configuration);
  }

  /** Time passes, and deadlines with it. */
  advance(ms: number): void {
    this.time += ms;
    for (const { service } of this.nodes.values()) {
      if ((service.nextDeadline?.() ?? Number.POSITIVE_INFINITY) <= this.time) service.expire?.(this.time);
    }
  }

  /** Digests of the nodes' states, as text. */
  digests(...ids: number[]): string[] {
    return ids.map((id) => Buffer.from(this.node(id).service.replica!.digest()).toString('hex'));
  }
}

/** What each part had, as one node receives it: as of now. */
function receive(node: ModelNode, parts: readonly Part[]): (() => void) | undefined {
  const { replica } = node.service;
  if (replica === undefined || parts.length === 0) return undefined;
  const components = parts.map(({ component, members }): Component<ShadowState> => {
    const shadow = replica.shadow();
    const chunks = members[0]!.service.replica!.snapshot();
    for (let next = chunks.next(); !next.done; next = chunks.next())
      shadow.load(new BodyReader(Buffer.from(next.value)));
    return { members: members.map(({ id }) => id), shadow, history: component.history };
  });
  return () => replica.commit(components);
}

/** All microtasks and immediates that are due have run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
