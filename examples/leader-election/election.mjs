// A service of its own: for each name, one candidate of the whole cluster leads, and everybody hears who. The state is a list of candidates
// a name, in the order in which they stood; the first leads. A client that dies, and a node that goes, stand no longer.
import { createHash } from 'node:crypto';
import { BodyReader, BodyWriter, failure, success } from 'openais/executive';

const ID = 'election';
const NUMBER = 64;
/** Functions of requests and of ordered messages. */
const STAND = 1;
const RESIGN = 2;
const WATCH = 3;
const GONE = 4;
/** Bytes of a name. */
const NAME_MAX = 255;

/** One for each executive: give it to Executive.start({ services }). */
export class Election {
  id = ID;
  number = NUMBER;
  #context;
  /** name -> candidates { node, connection, data }, in the order of standing. */
  #names = new Map();
  /** Local: objects of clients that watch a name. */
  #watchers = [];

  library = {
    [STAND]: { flowControl: 'ordered', handle: (request) => request.order(STAND, request.body.rest(), { safe: true }) },
    [RESIGN]: {
      flowControl: 'ordered',
      handle: (request) => request.order(RESIGN, request.body.rest(), { safe: true }),
    },
    [WATCH]: {
      flowControl: 'local',
      handle: ({ connection, body, answer }) => {
        const [object, name] = [body.u32(), body.text(NAME_MAX)];
        body.end();
        this.#watchers.push({ connection, object, name });
        answer(success(this.#leader(name)));
      },
    },
  };

  executive = {
    [STAND]: ({ sender, connection, body }) => {
      const name = body.text(NAME_MAX);
      const data = Buffer.from(body.rest());
      const candidates = this.#names.get(name) ?? [];
      if (candidates.some((each) => each.node === sender && each.connection === connection))
        return failure('SA_AIS_ERR_EXIST', `this client stands for '${name}' already`);
      this.#change(name, [...candidates, { node: sender, connection, data }]);
      return success(this.#leader(name));
    },
    [RESIGN]: ({ sender, connection, body }) => {
      const name = body.text(NAME_MAX);
      body.end();
      const candidates = this.#names.get(name) ?? [];
      const left = candidates.filter((each) => each.node !== sender || each.connection !== connection);
      if (left.length === candidates.length)
        return failure('SA_AIS_ERR_NOT_EXIST', `this client does not stand for '${name}'`);
      this.#change(name, left);
      return success(this.#leader(name));
    },
    [GONE]: ({ sender, body }) => {
      const connection = body.u32();
      body.end();
      this.#keep((each) => each.node !== sender || each.connection !== connection);
    },
  };

  start(context) {
    this.#context = context;
  }

  disconnected({ id }) {
    this.#watchers = this.#watchers.filter(({ connection }) => connection.id !== id);
    this.#context.order(GONE, new BodyWriter().u32(id).finish());
  }

  configurationChanged({ left }) {
    this.#keep(({ node }) => !left.includes(node));
  }

  replica = {
    isBlank: () => this.#names.size === 0,
    digest: () => createHash('sha256').update(encode(this.#names)).digest(),
    snapshot: () => [encode(this.#names)][Symbol.iterator](),
    shadow: () => new Shadow(),
    // Several components: all who stand go on standing; those of the first component come first.
    commit: (components) => {
      const merged = new Map();
      for (const { members, shadow } of components)
        for (const [name, candidates] of shadow.names)
          merged.set(name, [...(merged.get(name) ?? []), ...candidates.filter(({ node }) => members.includes(node))]);
      const names = new Set([...this.#names.keys(), ...merged.keys()]);
      for (const name of names) this.#change(name, merged.get(name) ?? []);
    },
    isKept: () => true,
  };

  #keep(isKept) {
    for (const [name, candidates] of [...this.#names]) this.#change(name, candidates.filter(isKept));
  }

  #change(name, candidates) {
    const before = this.#leader(name);
    if (candidates.length > 0) this.#names.set(name, candidates);
    else this.#names.delete(name);
    const leader = this.#leader(name);
    if (before.equals(leader)) return;
    for (const watcher of this.#watchers)
      if (watcher.name === name) watcher.connection.event(watcher.object, WATCH, leader);
  }

  /** Node, connection and data of who leads; nothing if nobody does. */
  #leader(name) {
    const leader = this.#names.get(name)?.[0];
    return leader === undefined ? Buffer.alloc(0) : encodeCandidate(new BodyWriter(), leader).finish();
  }
}

class Shadow {
  names = new Map();

  load(chunk) {
    while (chunk.remaining > 0) {
      const name = chunk.text(NAME_MAX);
      this.names.set(
        name,
        Array.from({ length: chunk.u32() }, () => decodeCandidate(chunk)),
      );
    }
  }
}

const encodeCandidate = (writer, { node, connection, data }) => writer.u32(node).u32(connection).bytes(data);
const decodeCandidate = (body) => ({ node: body.u32(), connection: body.u32(), data: Buffer.from(body.bytes()) });

function encode(names) {
  const writer = new BodyWriter();
  for (const name of [...names.keys()].sort()) {
    const candidates = names.get(name);
    writer.text(name).u32(candidates.length);
    for (const candidate of candidates) encodeCandidate(writer, candidate);
  }
  return writer.finish();
}

/** For clients: `new Candidate(ais)`. */
export class Candidate {
  #service;

  constructor(ais) {
    this.#service = ais.service(ID);
  }

  /** Resolves with who leads then: { node, data }. */
  async stand(name, data = Buffer.alloc(0)) {
    return leaderOf(await this.#service.call(STAND, new BodyWriter().text(name).rest(data).finish()));
  }

  async resign(name) {
    return leaderOf(await this.#service.call(RESIGN, new BodyWriter().text(name).finish()));
  }

  /** Tells who leads now, and each change from now on; undefined: nobody. */
  async watch(name, told) {
    const object = Candidate.#lastObject++;
    this.#service.listen(object, (_, body) => told(leaderOf(body)));
    told(
      leaderOf(await this.#service.call(WATCH, new BodyWriter().u32(object).text(name).finish(), { hasEffect: false })),
    );
  }

  static #lastObject = 1;
}

function leaderOf(body) {
  if (body.length === 0) return undefined;
  const { node, connection, data } = decodeCandidate(new BodyReader(body));
  return { node, connection, data };
}
