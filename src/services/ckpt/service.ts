/** CKPT in the executive: every member has every checkpoint, so that what was acknowledged survives as long as one of them does. */
import type {
  Component,
  LibraryConnection,
  Replica,
  Service,
  ServiceConfiguration,
  ServiceContext,
} from '../../executive/service.js';
import { type BodyReader, BodyWriter } from '../../ipc/body.js';
import { CKPT, CLOSE, DISCONNECTED, UNLINK } from '../../ipc/ckpt.js';
import type { Opener } from './checkpoint.js';
import { executiveHandlers, type OwnNode, readName } from './executive.js';
import { type LibraryHost, libraryHandlers } from './library.js';
import { type Loss, merge } from './merge.js';
import { Iterators } from './pages.js';
import { CkptShadow } from './shadow.js';
import { Snapshot } from './snapshot.js';
import { CkptState } from './state.js';
import { Watches } from './watches.js';

export interface CkptStatus {
  readonly checkpoints: number;
  /** Of them, those that live until their last opener closes. */
  readonly unlinked: number;
  readonly sections: number;
  /** In sections. */
  readonly bytes: number;
  readonly openers: number;
  /** Of clients of this node. */
  readonly watches: number;
  readonly iterators: number;
}

export class CkptService implements Service, LibraryHost, OwnNode {
  readonly id = 'ckpt';
  readonly number = CKPT;
  readonly library = libraryHandlers(this);
  readonly executive = executiveHandlers(() => this.#state, this);
  readonly watches = new Watches();
  readonly iterators = new Iterators();
  readonly replica: Replica<CkptShadow> = {
    isBlank: () => !this.#state.wasChanged,
    digest: () => this.#state.digest.bytes(),
    snapshot: () => new Snapshot(this.#state),
    shadow: () => new CkptShadow(),
    commit: (components) => this.#commit(components),
    isKept: ({ fn, connection, body }) => this.#isKept(fn, connection, body),
  };
  /** That opened anything, and live. */
  readonly #connections = new Set<LibraryConnection>();
  readonly #gone = new WeakSet<LibraryConnection>();
  #state = new CkptState();
  /** The state is one that components made together, and the configuration in which they did is not told yet. */
  #isMerged = false;
  #context!: ServiceContext;

  constructor() {
    this.#listen();
  }

  get nodeId(): number {
    return this.#context.nodeId;
  }

  state(): CkptState {
    return this.#state;
  }

  opens(connection: LibraryConnection): void {
    this.#connections.add(connection);
  }

  isGone(connection: LibraryConnection): boolean {
    return this.#gone.has(connection);
  }

  closed({ connection, handle }: Opener): void {
    this.watches.closed(connection, handle);
    this.iterators.closed(connection, handle);
  }

  start(context: ServiceContext): void {
    this.#context = context;
  }

  disconnected(connection: LibraryConnection): void {
    this.#gone.add(connection);
    this.watches.disconnected(connection);
    this.iterators.disconnected(connection);
    if (this.#connections.delete(connection))
      this.#context.order(DISCONNECTED, new BodyWriter(8).f64(connection.id).finish());
  }

  configurationChanged({ id, left, time }: ServiceConfiguration): void {
    // A merge has left out already who did not come along; who left one component may have come along with another.
    this.#state.nodesLeft(this.#isMerged ? [] : left, time);
    this.#isMerged = false;
    this.#state.configuration = id;
    this.watches.endClosed(this.#state, this.nodeId);
  }

  nextDeadline(): number {
    return this.#state.nextDeadline;
  }

  expire(time: number): void {
    this.#state.expire(time);
  }

  status(): CkptStatus {
    const { checkpoints, names, sections, bytes, openers } = this.#state;
    return {
      checkpoints: checkpoints.size,
      unlinked: checkpoints.size - names.size,
      sections,
      bytes,
      openers: openers.size,
      watches: this.watches.size,
      iterators: this.iterators.size,
    };
  }

  #commit(components: readonly Component<CkptShadow>[]): void {
    const old = this.#state;
    const [first] = components;
    this.#state = components.length === 1 ? first!.shadow.state : merge(components, (loss) => this.#lost(loss));
    this.#isMerged = components.length > 1;
    this.#state.configuration = old.configuration;
    this.#listen();
    this.watches.endClosed(this.#state, this.nodeId);
    this.watches.replaced(old, this.#state);
  }

  /** Openers stay if the state that was taken has what they wrote (merge.ts). */
  #isKept(fn: number, connection: number, body: BodyReader): boolean {
    if (fn === UNLINK) return !this.#state.names.has(readName(body));
    return fn === CLOSE || this.#state.openers.find(this.nodeId, connection, body.u32()) !== undefined;
  }

  #lost(loss: Loss): void {
    this.#context.notice(loss, 'a merge gave up changes of a checkpoint');
  }

  #listen(): void {
    this.#state.onSection = (section, kind) => this.watches.tell(section, kind);
  }
}
