/** The executive's half of EVS, as a library beyond a link has it. */
import { aisError } from '../../ais-error.js';
import { BodyReader, BodyWriter } from '../../ipc/body.js';
import type { ConfigurationEvent, EvsRefusal, EvsSink } from '../../ipc/evs.js';
import { CONFIGURATION, CONNECT, CONNECTION, EVS_SERVICE, GROUPS, OPEN, writeGroups } from '../../ipc/evs-frames.js';
import type { Answer, EventListener, WindowLink } from '../../ipc/link.js';
import { RemoteInflow } from './remote-inflow.js';
import { RemoteLists } from './remote-lists.js';
import { RemoteSession } from './remote-session.js';

export class RemoteEvs implements EventListener {
  readonly nodeId: number;
  readonly maxMessageSize: number;
  readonly #link: WindowLink;
  readonly #lists = new RemoteLists();
  readonly #inflow: RemoteInflow;
  #configuration: ConfigurationEvent;
  #lastObject = CONNECTION;

  /** Resolves when the executive has told what there is to know; never if the link ends before. */
  static connect(link: WindowLink): Promise<RemoteEvs> {
    return new Promise((resolve, reject) => {
      link.request(EVS_SERVICE, CONNECT, 0, new Uint8Array(0), (answer) => {
        if (answer.code === 'SA_AIS_OK') resolve(new RemoteEvs(link, new BodyReader(answer.body)));
        else reject(aisError(answer.code, 'ais.connect', answer.what));
      });
    });
  }

  /** `welcome`: the answer to CONNECT. @throws {BodyError} */
  private constructor(link: WindowLink, welcome: BodyReader) {
    this.#link = link;
    this.nodeId = link.welcome.nodeId;
    this.maxMessageSize = welcome.u32();
    this.#configuration = this.#lists.configuration(welcome);
    this.#inflow = new RemoteInflow(link, this.#lists);
    link.listenAll(EVS_SERVICE, this);
  }

  /** The current regular configuration. */
  get configuration(): ConfigurationEvent {
    return this.#configuration;
  }

  /** False: there is no room for the request now. `opened` is told of the session before any message of it. */
  open(
    sink: EvsSink,
    groups: readonly string[],
    flags: number,
    opened: (session: RemoteSession | EvsRefusal) => void,
  ): boolean {
    const object = this.#lastObject + 1;
    const session = new RemoteSession(this.#link, this.#inflow, object, sink);
    const answered = (answer: Answer) => {
      if (answer.code !== 'SA_AIS_OK') {
        this.#inflow.remove(session);
        opened(answer);
        return;
      }
      session.id = new BodyReader(answer.body).u32();
      opened(session);
    };
    const body = writeGroups(new BodyWriter().u32(object), groups).finish();
    if (this.#link.request(EVS_SERVICE, OPEN, flags, body, answered) === false) return false;
    this.#lastObject = object;
    this.#inflow.add(session);
    return true;
  }

  /** Whether a send may succeed now. */
  get hasRoom(): boolean {
    return this.#link.hasRoom;
  }

  /** Calls back, in the order of waiting, when it may. The callback returns false to keep its place. Returns how to give it up. */
  whenRoom(attempt: () => boolean): () => void {
    return this.#link.whenRoom(attempt);
  }

  // --- events --------------------------------------------------------------------------------------------------------------

  event(object: number, fn: number, memory: Buffer, start: number, end: number): void {
    if (object !== CONNECTION) {
      this.#inflow.event(object, fn, memory, start, end);
      return;
    }
    const body = new BodyReader(memory, start, end);
    if (fn === GROUPS) this.#lists.define(body);
    else if (fn === CONFIGURATION) {
      const configuration = this.#lists.configuration(body);
      if (configuration.kind === 'regular') this.#configuration = configuration;
    }
  }

  endOfBatch(): void {
    this.#inflow.endOfBatch();
  }

  get isHolding(): boolean {
    return this.#inflow.isHolding;
  }

  behind(tell: () => void): void {
    this.#inflow.behind(tell);
  }
}
