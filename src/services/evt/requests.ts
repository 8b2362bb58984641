/** The library handlers of EVT: what a client asks is checked as far as it alone can be wrong, and ordered. */
import {
  failure,
  type LibraryHandler,
  type LibraryRequest,
  OK,
  type Outcome,
  success,
} from '../../executive/service.js';
import { BodyReader, BodyWriter } from '../../ipc/body.js';
import { EVT, readFilters, SUBSCRIBER } from '../../ipc/evt.js';
import type { EventIds } from './event-ids.js';
import { LIST_BYTES, LIST_PAGE, MAX_SUBSCRIPTIONS } from './limits.js';
import { readClear, readClose, readCursor, readOpen, readPublish, readSubscription, readUnlink } from './messages.js';
import { byName, type Channel, type EvtState } from './state.js';
import type { LocalOpen, Subscribers } from './subscribers.js';

/** What of the service requests are about. */
export interface RequestHost {
  readonly state: EvtState;
  readonly ids: EventIds;
  readonly subscribers: Subscribers;
}

export function libraryHandlers(host: RequestHost): Record<number, LibraryHandler> {
  return {
    [EVT.open]: ordered(EVT.open, (body) => void readOpen(body)),
    [EVT.close]: ordered(EVT.close, (body) => void readClose(body)),
    // What is said to be gone is gone on every node before that is said, and so it is with unlink.
    [EVT.clear]: ordered(EVT.clear, (body) => void readClear(body), true),
    [EVT.unlink]: { flowControl: 'ordered', handle: (request) => unlink(host, request) },
    [EVT.publish]: { flowControl: 'ordered', handle: (request) => publish(host, request) },
    [EVT.subscribe]: { flowControl: 'ordered', handle: (request) => subscribe(host, request) },
    [EVT.unsubscribe]: { flowControl: 'local', handle: (request) => unsubscribe(host, request) },
    [EVT.list]: { flowControl: 'ordered', handle: (request) => list(host, request) },
  };
}

function ordered(fn: number, check: (body: BodyReader) => void, safe = false): LibraryHandler {
  return {
    flowControl: 'ordered',
    handle(request) {
      const body = request.body.rest();
      check(new BodyReader(body));
      request.order(fn, body, { safe });
    },
  };
}

function unlink({ ids }: RequestHost, request: LibraryRequest): void {
  const body = request.body.rest();
  readUnlink(new BodyReader(body));
  body.writeBigUInt64LE(ids.next());
  request.order(EVT.unlink, body, { safe: true });
}

/** The client left room for the id. */
function publish({ ids }: RequestHost, request: LibraryRequest): void {
  const body = request.body.rest();
  const { publication } = readPublish(new BodyReader(body));
  body.writeBigUInt64LE(ids.next());
  request.order(EVT.publish, body, { safe: publication.retentionTime > 0 });
}

/** The filters stay here; the message gives the subscription its place in the order. */
function subscribe({ subscribers }: RequestHost, request: LibraryRequest): void {
  const { handle, subscription } = readSubscription(request.body);
  const filters = readFilters(request.body);
  request.body.end();
  const open = subscribers.find(request.connection.id, handle);
  const refusal = whyNot(open, subscription);
  if (refusal !== undefined) {
    request.answer(refusal);
    return;
  }
  open!.asked.set(subscription, filters);
  const about = open!.opener.channel.retainedBytes;
  request.order(EVT.subscribe, new BodyWriter(8).u32(handle).u32(subscription).finish(), { about });
}

function whyNot(open: LocalOpen | undefined, subscription: number): Outcome | undefined {
  if (open === undefined) return failure('SA_AIS_ERR_BAD_HANDLE', 'the channel is not open');
  const { asked, subscriptions, opener } = open;
  if ((opener.flags & SUBSCRIBER) === 0) return failure('SA_AIS_ERR_ACCESS', 'the channel is not open for subscribing');
  if (asked.has(subscription) || subscriptions.has(subscription))
    return failure('SA_AIS_ERR_EXIST', `there is a subscription ${subscription}`);
  if (asked.size + subscriptions.size >= MAX_SUBSCRIPTIONS)
    return failure('SA_AIS_ERR_NO_RESOURCES', `at most ${MAX_SUBSCRIPTIONS} subscriptions of an open channel`);
  return undefined;
}

function unsubscribe({ subscribers }: RequestHost, request: LibraryRequest): void {
  const { handle, subscription } = readSubscription(request.body);
  request.body.end();
  const open = subscribers.find(request.connection.id, handle);
  const wasThere = open?.asked.delete(subscription) || open?.subscriptions.delete(subscription);
  request.answer(wasThere ? OK : failure('SA_AIS_ERR_NOT_EXIST', `no subscription ${subscription}`));
}

function list(host: RequestHost, request: LibraryRequest): void {
  const cursor = readCursor(request.body);
  request.afterBarrier(() => {
    const left = [...host.state.channels()].filter((channel) => byName(channel, cursor) > 0).sort(byName);
    const page = left.slice(0, LIST_PAGE);
    const writer = new BodyWriter().bool(left.length > page.length).u16(page.length);
    for (const channel of page) writeListed(writer, channel);
    return success(writer.finish());
  }, LIST_BYTES);
}

function writeListed(writer: BodyWriter, { name, unlinkId, openers, retained }: Channel): void {
  writer.text(name).u64(unlinkId).u32(openers.size).u32(retained.size);
}
