/** The library handlers: what is malformed or not permitted is refused here; the rest is ordered as it came, or read after a barrier. */
import {
  type LibraryConnection,
  type LibraryHandler,
  type LibraryRequest,
  OK,
  type Outcome,
  success,
} from '../../executive/service.js';
import { BodyError, BodyReader, BodyWriter } from '../../ipc/body.js';
import {
  CHOSEN,
  CLOSE,
  END_ITERATOR,
  LIST,
  NEXT_PAGE,
  OPEN,
  READ,
  RIGHT_READ,
  SECTIONS,
  STATUS,
  SYNCHRONIZE,
  UNLINK,
  UNWATCH,
  WATCH,
  writeAttributes,
} from '../../ipc/ckpt.js';
import { CHANGES } from './changes.js';
import type { Checkpoint } from './checkpoint.js';
import { reach, readName, readOpen } from './executive.js';
import { MAX_WATCHES, PAGE_BYTES } from './limits.js';
import { checkpointListing, type Iterators, sectionListing } from './pages.js';
import { refused } from './refusal.js';
import type { CkptState } from './state.js';
import { readReads, readVector, sizeOfReads } from './vector.js';
import type { Watches } from './watches.js';

/** What the handlers work on. */
export interface LibraryHost {
  readonly nodeId: number;
  state(): CkptState;
  readonly iterators: Iterators;
  readonly watches: Watches;
  /** A connection is about to open something. */
  opens(connection: LibraryConnection): void;
  /** It has disconnected: what waited for a barrier meanwhile is for nobody. */
  isGone(connection: LibraryConnection): boolean;
}

const ordered = (handle: (request: LibraryRequest) => void): LibraryHandler => ({ flowControl: 'ordered', handle });
const local = (handle: (request: LibraryRequest) => void): LibraryHandler => ({ flowControl: 'local', handle });

export function libraryHandlers(host: LibraryHost): Record<number, LibraryHandler> {
  const handlers: Record<number, LibraryHandler> = {
    [OPEN]: ordered((request) => open(host, request)),
    [CLOSE]: ordered((request) => {
      const bytes = request.body.rest();
      numberOf(new BodyReader(bytes));
      request.order(CLOSE, bytes);
    }),
    [UNLINK]: ordered((request) => unlink(host, request)),
    [READ]: ordered((request) => read(host, request)),
    [STATUS]: ordered((request) => {
      const handle = numberOf(request.body);
      request.afterBarrier(() => use(host, request, handle, 0, true, status));
    }),
    [SECTIONS]: ordered((request) => sections(host, request)),
    [LIST]: ordered((request) => {
      const number = numberOf(request.body);
      request.afterBarrier(() => list(host, request.connection, number), PAGE_BYTES);
    }),
    [NEXT_PAGE]: ordered((request) => nextPage(host, request)),
    [END_ITERATOR]: local((request) => {
      host.iterators.end(request.connection, numberOf(request.body));
      request.answer(OK);
    }),
    [WATCH]: ordered((request) => watch(host, request)),
    [UNWATCH]: local((request) => {
      host.watches.remove(request.connection, numberOf(request.body));
      request.answer(OK);
    }),
  };
  for (const fn of Object.keys(CHANGES).map(Number)) handlers[fn] = ordered((request) => change(host, request, fn));
  return handlers;
}

function numberOf(body: BodyReader): number {
  const number = body.u32();
  body.end();
  return number;
}

function open(host: LibraryHost, request: LibraryRequest): void {
  const bytes = request.body.rest();
  const { attributes } = readOpen(new BodyReader(bytes));
  host.opens(request.connection);
  request.order(OPEN, bytes, { safe: attributes?.update === 'all-replicas' });
}

function unlink(host: LibraryHost, request: LibraryRequest): void {
  const bytes = request.body.rest();
  const body = new BodyReader(bytes);
  const checkpoint = host.state().names.get(readName(body));
  body.end();
  request.order(UNLINK, bytes, { safe: isSafe(checkpoint) });
}

function isSafe(checkpoint: Checkpoint | undefined): boolean {
  return checkpoint?.attributes.update === 'all-replicas';
}

/** A handle that is bad here and now is bad when its turn would have come: nothing opens it again. */
function change(host: LibraryHost, request: LibraryRequest, fn: number): void {
  const { right, read: parse } = CHANGES[fn]!;
  const bytes = request.body.rest();
  const body = new BodyReader(bytes);
  const checkpoint = reach(host.state(), host.nodeId, request.connection.id, body.u32(), right, false);
  parse(body);
  body.end();
  if ('ok' in checkpoint) request.answer(checkpoint);
  else request.order(fn, bytes, { safe: fn === SYNCHRONIZE || isSafe(checkpoint) });
}

/** What is read of the checkpoint behind a handle. */
function use(
  host: LibraryHost,
  { connection }: LibraryRequest,
  handle: number,
  right: number,
  needsActive: boolean,
  answer: (checkpoint: Checkpoint) => Outcome,
): Outcome {
  if (host.isGone(connection)) return refused('SA_AIS_ERR_BAD_HANDLE', 'the connection is closed');
  const checkpoint = reach(host.state(), host.nodeId, connection.id, handle, right, needsActive);
  return 'ok' in checkpoint ? checkpoint : answer(checkpoint);
}

function read(host: LibraryHost, request: LibraryRequest): void {
  const handle = request.body.u32();
  const first = request.body.u32();
  const elements = readReads(request.body);
  const checkpoint = reach(host.state(), host.nodeId, request.connection.id, handle, RIGHT_READ, false);
  request.afterBarrier(
    () => use(host, request, handle, RIGHT_READ, true, (now) => readVector(now, elements, first)),
    'ok' in checkpoint ? 0 : sizeOfReads(checkpoint, elements),
  );
}

function status({ attributes, sections: { size }, used }: Checkpoint): Outcome {
  return success(writeAttributes(new BodyWriter(64), attributes).u32(size).f64(used).finish());
}

function sections(host: LibraryHost, request: LibraryRequest): void {
  const { body, connection } = request;
  const [handle, iterator, chosen, time] = [body.u32(), body.u32(), CHOSEN[body.u8()], body.f64()];
  body.end();
  if (chosen === undefined) throw new BodyError('an unknown choice of sections');
  const start = (checkpoint: Checkpoint) => {
    const listing = sectionListing(() => host.state(), handle, checkpoint, chosen, time);
    return host.iterators.start(connection, iterator, listing);
  };
  request.afterBarrier(() => use(host, request, handle, 0, true, start), PAGE_BYTES);
}

function list(host: LibraryHost, connection: LibraryConnection, iterator: number): Outcome {
  if (host.isGone(connection)) return refused('SA_AIS_ERR_BAD_HANDLE', 'the connection is closed');
  return host.iterators.start(
    connection,
    iterator,
    checkpointListing(() => host.state()),
  );
}

function nextPage(host: LibraryHost, request: LibraryRequest): void {
  const { connection } = request;
  const iterator = numberOf(request.body);
  const next = () => host.iterators.next(connection, iterator);
  const handle = host.iterators.find(connection, iterator)?.handle;
  request.answer(handle === undefined ? next() : use(host, request, handle, 0, true, next));
}

function watch(host: LibraryHost, request: LibraryRequest): void {
  const { connection } = request;
  const [handle, object] = [request.body.u32(), request.body.u32()];
  request.body.end();
  const start = ({ id }: Checkpoint) => {
    if (host.watches.count(connection) >= MAX_WATCHES)
      return refused('SA_AIS_ERR_NO_RESOURCES', `a connection has at most ${MAX_WATCHES} watches`);
    host.watches.add({ connection, object, handle, id });
    return OK;
  };
  request.afterBarrier(() => use(host, request, handle, 0, false, start));
}
