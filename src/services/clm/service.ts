/**
 * CLM in the executive. Nothing of it is ordered: views are made from configurations, which all members have alike, and from what each
 * member says of itself with them. Queries are answered from the view of this node.
 */
import {
  failure,
  type LibraryConnection,
  type LibraryHandler,
  type LibraryRequest,
  OK,
  type Outcome,
  type Service,
  type ServiceConfiguration,
  type ServiceContext,
  success,
} from '../../executive/service.js';
import { BodyError, BodyWriter } from '../../ipc/body.js';
import { type ChangedNode, CLM, CLM_CHANGED, type NodeRecord, writeChange, writeNode } from '../../ipc/clm.js';
import { decodeGreeting, encodeGreeting, type Greeting, type OwnNode } from './greeting.js';
import { MAX_TRACKS } from './limits.js';
import { type Change, changesOf, makeView, type View } from './view.js';

interface Tracks {
  readonly connection: LibraryConnection;
  /** By object: whether it is told only what changed. */
  readonly objects: Map<number, boolean>;
}

const NOT_YET = failure('SA_AIS_ERR_TRY_AGAIN', 'the executive is in no configuration yet');

export class ClmService implements Service {
  readonly id = 'clm';
  readonly number = 2;
  readonly executive = {};
  readonly library = {
    [CLM.node]: this.#local((request) => this.#node(request)),
    [CLM.current]: this.#local((request) => this.#current(request)),
    [CLM.track]: this.#local((request) => this.#track(request)),
    [CLM.stop]: this.#local((request) => this.#stop(request)),
  };
  readonly #own: OwnNode;
  #context!: ServiceContext;
  #view: View | undefined;
  readonly #tracks = new Map<number, Tracks>();

  /** `own`: this node's record, for all. */
  constructor(own: OwnNode) {
    this.#own = own;
  }

  start(context: ServiceContext): void {
    this.#context = context;
  }

  greeting(): Uint8Array {
    const own = this.#view?.nodes.find(({ nodeId }) => nodeId === this.#context.nodeId);
    return encodeGreeting({ ...this.#own, initialViewNumber: own?.initialViewNumber ?? 0 });
  }

  configurationChanged({ id, viewNumber, members, joined, greetings }: ServiceConfiguration): void {
    const change: Change = {
      nodeId: this.#context.nodeId,
      viewNumber,
      configuration: id,
      members,
      joined,
      greetings: new Map(members.map((member) => [member, this.#greetingOf(member, greetings.get(member))])),
    };
    const view = makeView(change);
    this.#tell(view, changesOf(this.#view, view, change));
    this.#view = view;
  }

  disconnected(connection: LibraryConnection): void {
    this.#tracks.delete(connection.id);
  }

  /** Of the current view, ascending; none before the first. */
  get nodes(): readonly NodeRecord[] {
    return this.#view?.nodes ?? [];
  }

  status(): object {
    const tracks = [...this.#tracks.values()].reduce((sum, { objects }) => sum + objects.size, 0);
    return { viewNumber: this.#view?.viewNumber ?? 0, members: this.#view?.nodes.length ?? 0, tracks };
  }

  #local(ask: (request: LibraryRequest) => Outcome): LibraryHandler {
    return { flowControl: 'local', handle: (request) => request.answer(ask(request)) };
  }

  /** A member that says nothing of itself that can be read is a member all the same. */
  #greetingOf(member: number, bytes: Buffer | undefined): Greeting {
    try {
      if (bytes === undefined) throw new BodyError('nothing');
      return decodeGreeting(bytes);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      this.#context.violation(`clm: node ${member} says of itself: ${error.message}`);
      return { name: String(member), address: '', family: 'IPv4', bootTimestamp: 0, initialViewNumber: 0 };
    }
  }

  #tell(view: View, nodes: readonly ChangedNode[]): void {
    if (this.#tracks.size === 0) return;
    const all = encode(view, nodes);
    const changed = encode(
      view,
      nodes.filter(({ change }) => change !== 'none'),
    );
    for (const { connection, objects } of this.#tracks.values()) {
      for (const [object, isChangesOnly] of objects) {
        connection.event(object, CLM_CHANGED, isChangesOnly ? changed : all);
      }
    }
  }

  #node({ body }: LibraryRequest): Outcome {
    const wanted = body.u32();
    body.end();
    if (this.#view === undefined) return NOT_YET;
    const node = this.#view.nodes.find(({ nodeId }) => nodeId === wanted);
    if (node === undefined) return failure('SA_AIS_ERR_NOT_EXIST', `no member has the node id ${wanted}`);
    return success(writeNode(new BodyWriter(), node).finish());
  }

  #current({ body }: LibraryRequest): Outcome {
    body.end();
    return this.#view === undefined ? NOT_YET : success(encode(this.#view, unchanged(this.#view.nodes)));
  }

  #track({ connection, body }: LibraryRequest): Outcome {
    const object = body.u32();
    const isChangesOnly = body.bool();
    body.end();
    if (this.#view === undefined) return NOT_YET;
    const tracks = this.#tracks.get(connection.id) ?? { connection, objects: new Map<number, boolean>() };
    if (tracks.objects.has(object)) return failure('SA_AIS_ERR_EXIST', `object ${object} tracks already`);
    if (tracks.objects.size >= MAX_TRACKS)
      return failure('SA_AIS_ERR_NO_RESOURCES', `at most ${MAX_TRACKS} tracks of one connection`);
    tracks.objects.set(object, isChangesOnly);
    this.#tracks.set(connection.id, tracks);
    return success(encode(this.#view, unchanged(this.#view.nodes)));
  }

  #stop({ connection, body }: LibraryRequest): Outcome {
    const object = body.u32();
    body.end();
    const objects = this.#tracks.get(connection.id)?.objects;
    if (!objects?.delete(object)) return failure('SA_AIS_ERR_NOT_EXIST', `object ${object} does not track`);
    if (objects.size === 0) this.#tracks.delete(connection.id);
    return OK;
  }
}

function unchanged(nodes: readonly NodeRecord[]): ChangedNode[] {
  return nodes.map((node) => ({ ...node, change: 'none' }));
}

function encode({ viewNumber, configuration, nodes: members }: View, nodes: readonly ChangedNode[]): Buffer {
  const change = { viewNumber, configuration, numberOfMembers: members.length, nodes };
  return writeChange(new BodyWriter(), change).finish();
}
