/** EVS for a client beyond a link: its requests become calls of the service, in order, and are checked completely before. */
import { MAX_PAYLOAD } from '../../gmi/group-messaging.js';
import { PACKED_LENGTH_SIZE } from '../../gmi/packed.js';
import { PRIORITIES } from '../../gmi/port.js';
import { BodyError, BodyReader, BodyWriter } from '../../ipc/body.js';
import type { Pending, PromptHandler, Wait } from '../../ipc/dispatcher.js';
import type { ConfigurationEvent, EvsRefusal } from '../../ipc/evs.js';
import {
  CLOSE,
  CONFIGURATION,
  CONNECT,
  CONNECTION,
  DEFINE,
  DESTINATIONS_MAX,
  EVS_SERVICE,
  GROUPS,
  JOIN,
  JOINED_GROUPS,
  LEAVE,
  OPEN,
  PASSED,
  readGroups,
  readPriority,
  SAFE_DESTINATION,
  SEND,
  SEND_HEADER_SIZE,
  SEND_IN,
  writeConfiguration,
  writeGroups,
} from '../../ipc/evs-frames.js';
import type { IncomingRequest, RunLink } from '../../ipc/link.js';
import { type After, ConnectionSession, type SessionSurroundings } from './connection-session.js';
import { GroupNumbers } from './group-numbers.js';
import { MAX_GROUPS_A_LIST } from './limits.js';
import type { EvsService } from './service.js';
import type { Destination, EvsSessionHandler } from './session.js';

const NOTHING = Buffer.alloc(0);
const UNANSWERED: ReadonlySet<number> = new Set([DEFINE, SEND, CLOSE]);

export class EvsConnection implements PromptHandler {
  readonly #link: RunLink;
  readonly #service: EvsService;
  readonly #surroundings: SessionSurroundings;
  readonly #sessions = new Map<number, ConnectionSession>();
  /** PASSED that is not answered. */
  readonly #passing = new Map<number, () => void>();
  /** By priority. */
  readonly #room: readonly Wait[];
  /** Tells the connection of configurations. */
  #watch: EvsSessionHandler | undefined;

  constructor(link: RunLink, service: EvsService, after: After) {
    this.#link = link;
    this.#service = service;
    const tell = (number: number, groups: readonly string[]) => {
      const body = writeGroups(new BodyWriter().u32(number), groups).finish();
      link.event(EVS_SERVICE, CONNECTION, GROUPS, body);
    };
    this.#surroundings = {
      link,
      groups: new GroupNumbers(tell),
      after,
      unacknowledged: 0,
      giveUp: (session, reason) => this.#giveUp(session, reason),
    };
    const { flow } = service.messaging;
    this.#room = Array.from({ length: PRIORITIES }, (_, priority) => (attempt) => {
      flow.wait(priority, attempt);
      return () => flow.cancel(priority, attempt);
    });
  }

  request({ fn, tag, memory, start, end }: IncomingRequest, taken: number): Pending | undefined {
    if (tag !== 0 && UNANSWERED.has(fn)) throw new BodyError(`tag ${tag} of a request that is never answered`);
    if (fn === SEND) return this.#send(memory, start, end, taken);
    const body = new BodyReader(memory, start, end);
    const settle = (refusal?: EvsRefusal) => this.#settle(tag, refusal);
    if (fn === CONNECT) {
      this.#connect(tag);
      return undefined;
    }
    const object = body.u32();
    if (fn === OPEN) {
      this.#open(object, readGroups(body), tag);
      return undefined;
    }
    const session = this.#sessions.get(object);
    if (session === undefined) {
      // It may have been ended while this was on its way.
      settle({ code: 'SA_AIS_ERR_BAD_HANDLE', what: 'the session is closed' });
      return undefined;
    }
    switch (fn) {
      case JOIN:
        settle(session.handler.join(readGroups(body)));
        return undefined;
      case LEAVE:
        settle(session.handler.leave(readGroups(body)));
        return undefined;
      case DEFINE:
        define(session, body);
        return undefined;
      case SEND_IN: {
        const destination = destinationOf(session, body.u16());
        const id = body.text();
        const data = body.rest();
        checkSize(data.length);
        if (destination.sendIn(id, data, settle)) return undefined;
        return { wait: this.#room[destination.priority]!, taken: 0 };
      }
      case PASSED:
        if (tag !== 0) this.#passed(session, tag);
        return undefined;
      case CLOSE:
        this.#sessions.delete(object);
        session.close();
        this.#lookAgain();
        return undefined;
      default:
        throw new BodyError(`EVS has no function ${fn}`);
    }
  }

  cancel(tag: number): void {
    const giveUp = this.#passing.get(tag);
    if (giveUp === undefined) return;
    giveUp();
    this.#passing.delete(tag);
    this.#settle(tag, { code: 'SA_AIS_ERR_INTERRUPT', what: 'it was given up' });
  }

  acknowledged(object: number, bytes: number): void {
    const session = this.#sessions.get(object);
    if (session === undefined) return;
    if (!session.acknowledged(bytes)) throw new BodyError(`${bytes} bytes acknowledged, more than were told`);
    this.#lookAgain();
  }

  closed(): void {
    this.#watch?.close();
    for (const giveUp of this.#passing.values()) giveUp();
    this.#passing.clear();
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  /** Takes messages, in order; `taken` are the bytes of those that it took before. */
  #send(memory: Buffer, start: number, end: number, taken: number): Pending | undefined {
    const first = start + SEND_HEADER_SIZE;
    if (first > end) throw new BodyError('a message that is cut off');
    if (taken === 0) checkMessages(memory, first, end);
    const session = this.#sessions.get(memory.readUInt32LE(start));
    if (session === undefined) return undefined;
    const destination = destinationOf(session, memory.readUInt16LE(start + 4));
    const next = destination.sendPacked(memory, first + taken, end);
    return next < end ? { wait: this.#room[destination.priority]!, taken: next - first } : undefined;
  }

  #connect(tag: number): void {
    if (this.#watch !== undefined) throw new BodyError('connected twice');
    const sink = {
      message: () => true,
      configuration: (configuration: ConfigurationEvent) => {
        if (this.#watch === undefined) return true;
        const body = writeConfiguration(new BodyWriter(), configuration).finish();
        this.#link.event(EVS_SERVICE, CONNECTION, CONFIGURATION, body);
        return true;
      },
      endOfBatch() {},
      ended() {},
    };
    const session = this.#service.open(sink, []);
    if ('code' in session) {
      this.#settle(tag, session);
      return;
    }
    const body = writeConfiguration(new BodyWriter().u32(MAX_PAYLOAD), this.#service.configurationNow).finish();
    this.#link.answer(tag, { code: 'SA_AIS_OK', body });
    this.#watch = session;
  }

  #open(object: number, groups: readonly string[], tag: number): void {
    if (object === CONNECTION || this.#sessions.has(object)) throw new BodyError(`session ${object} twice`);
    const session = new ConnectionSession(object, this.#surroundings);
    const opened = this.#service.open(session, groups);
    if ('code' in opened) {
      this.#settle(tag, opened);
      return;
    }
    session.handler = opened;
    this.#sessions.set(object, session);
    this.#link.answer(tag, { code: 'SA_AIS_OK', body: new BodyWriter(4).u32(opened.id).finish() });
  }

  #passed(session: ConnectionSession, tag: number): void {
    let isPassed = false;
    const giveUp = session.handler.whenPassed(() => {
      isPassed = true;
      this.#passing.delete(tag);
      this.#settle(tag);
    });
    if (!isPassed) this.#passing.set(tag, giveUp);
  }

  #giveUp(session: ConnectionSession, reason: EvsRefusal): void {
    this.#sessions.delete(session.object);
    session.ended(reason);
    this.#lookAgain();
  }

  /** What all sessions were told counts together: what one of them frees may be what another one waits for. */
  #lookAgain(): void {
    for (const session of this.#sessions.values()) session.lookAgain();
  }

  #settle(tag: number, refusal?: EvsRefusal): void {
    this.#link.answer(tag, refusal ?? { code: 'SA_AIS_OK', body: NOTHING });
  }
}

function checkMessages(memory: Buffer, start: number, end: number): void {
  for (let at = start; at < end; ) {
    if (end - at < PACKED_LENGTH_SIZE) throw new BodyError('a message that is cut off');
    const length = checkSize(memory.readUInt32LE(at));
    at += PACKED_LENGTH_SIZE + length;
    if (at > end) throw new BodyError('a message that is cut off');
  }
}

function checkSize(length: number): number {
  if (length > MAX_PAYLOAD) throw new BodyError(`a message of ${length} bytes, at most ${MAX_PAYLOAD}`);
  return length;
}

function destinationOf(session: ConnectionSession, number: number): Destination {
  const defined = session.destinations[number];
  if (defined === undefined) throw new BodyError(`destination ${number} is not defined`);
  return defined;
}

function define(session: ConnectionSession, body: BodyReader): void {
  const number = body.u16();
  if (number >= DESTINATIONS_MAX) throw new BodyError(`destination ${number}, at most ${DESTINATIONS_MAX}`);
  const priority = readPriority(body.u8());
  const flags = body.u8();
  if (flags > (SAFE_DESTINATION | JOINED_GROUPS)) throw new BodyError(`flags ${flags}`);
  const groups = readGroups(body);
  if (groups.length > MAX_GROUPS_A_LIST) throw new BodyError(`${groups.length} groups of a destination`);
  body.end();
  const to = (flags & JOINED_GROUPS) !== 0 ? undefined : groups;
  session.destinations[number] = session.handler.destination(to, priority, (flags & SAFE_DESTINATION) !== 0);
}
