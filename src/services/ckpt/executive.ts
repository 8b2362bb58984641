/** The executive handlers: what each ordered message does to the state, on every member alike. */
import {
  type ExecutiveHandler,
  type ExecutiveMessage,
  failure,
  OK,
  type Outcome,
  success,
} from '../../executive/service.js';
import { BodyError, type BodyReader, BodyWriter } from '../../ipc/body.js';
import {
  type Attributes,
  CLOSE,
  DISCONNECTED,
  FLAG_CREATE,
  MAX_CHECKPOINTS,
  MAX_NAME,
  OPEN,
  RIGHT_READ,
  RIGHT_WRITE,
  readAttributes,
  UNLINK,
  writeAttributes,
} from '../../ipc/ckpt.js';
import { CHANGES } from './changes.js';
import { type Checkpoint, haveEqualAttributes, needsActiveReplica, type Opener } from './checkpoint.js';
import { MAX_OPEN_A_CONNECTION } from './limits.js';
import type { CkptState } from './state.js';

/** What a node does beside, for the clients of its own. */
export interface OwnNode {
  readonly nodeId: number;
  /** A client of this node has closed what it had open. */
  closed(opener: Opener): void;
}

export interface OpenRequest {
  readonly handle: number;
  readonly flags: number;
  readonly name: string;
  readonly attributes: Attributes | undefined;
}

export function readOpen(body: BodyReader): OpenRequest {
  const handle = body.u32();
  const flags = body.u8();
  if (flags === 0 || flags > (RIGHT_READ | RIGHT_WRITE | FLAG_CREATE)) throw new BodyError(`flags ${flags}`);
  const name = readName(body);
  const attributes = (flags & FLAG_CREATE) === 0 ? undefined : readAttributes(body);
  body.end();
  return { handle, flags, name, attributes };
}

export function readName(body: BodyReader): string {
  const name = body.text(MAX_NAME);
  if (name === '') throw new BodyError('an empty name');
  return name;
}

/** `state`: at the time of each message; synchronisation replaces it. */
export function executiveHandlers(state: () => CkptState, own: OwnNode): Record<number, ExecutiveHandler> {
  const ordered =
    (apply: (state: CkptState, message: ExecutiveMessage) => Outcome | undefined): ExecutiveHandler =>
    (message) => {
      const now = state();
      now.expire(message.time);
      const outcome = apply(now, message);
      now.expire(message.time);
      return outcome;
    };
  const handlers: Record<number, ExecutiveHandler> = {
    [OPEN]: ordered(open),
    [CLOSE]: ordered((now, message) => close(now, message, own)),
    [UNLINK]: ordered(unlink),
    [DISCONNECTED]: ordered((now, message) => disconnected(now, message)),
  };
  for (const [fn, { read, apply, right, needsActive }] of Object.entries(CHANGES)) {
    handlers[Number(fn)] = ordered((now, message) => {
      const checkpoint = reach(now, message.sender, message.connection, message.body.u32(), right, needsActive);
      const value = read(message.body);
      message.body.end();
      return 'ok' in checkpoint ? checkpoint : apply(now, checkpoint, value, message);
    });
  }
  return handlers;
}

/** The checkpoint behind a handle, if it may be used so. */
export function reach(
  state: CkptState,
  node: number,
  connection: number,
  handle: number,
  right: number,
  needsActive: boolean,
): Checkpoint | Extract<Outcome, { ok: false }> {
  const opener = state.openers.find(node, connection, handle);
  if (opener === undefined) return refused('SA_AIS_ERR_BAD_HANDLE', 'the checkpoint is not open');
  if ((opener.rights & right) !== right)
    return refused(
      'SA_AIS_ERR_ACCESS',
      `the checkpoint is not open for ${right === RIGHT_READ ? 'reading' : 'writing'}`,
    );
  const { checkpoint } = opener;
  if (needsActive && checkpoint.activeReplica === 0 && needsActiveReplica(checkpoint.attributes))
    return refused('SA_AIS_ERR_NOT_EXIST', 'there is no active replica: set one');
  return checkpoint;
}

export function refused(...args: Parameters<typeof failure>): Extract<Outcome, { ok: false }> {
  return failure(...args) as Extract<Outcome, { ok: false }>;
}

function open(state: CkptState, { sender, connection, position, time, body }: ExecutiveMessage): Outcome {
  const { handle, flags, name, attributes } = readOpen(body);
  if (state.openers.find(sender, connection, handle) !== undefined)
    return failure('SA_AIS_ERR_INVALID_PARAM', `handle ${handle} is in use`);
  const there = state.names.get(name);
  if (there === undefined && attributes === undefined)
    return failure('SA_AIS_ERR_NOT_EXIST', `there is no checkpoint '${name}'`);
  if (there !== undefined && attributes !== undefined && !haveEqualAttributes(there.attributes, attributes))
    return failure('SA_AIS_ERR_EXIST', `checkpoint '${name}' has other attributes`);
  if (state.openers.count(sender, connection) >= MAX_OPEN_A_CONNECTION)
    return failure('SA_AIS_ERR_NO_RESOURCES', `a connection opens at most ${MAX_OPEN_A_CONNECTION} checkpoints`);
  if (there === undefined && state.checkpoints.size >= MAX_CHECKPOINTS)
    return failure('SA_AIS_ERR_NO_RESOURCES', `there are ${MAX_CHECKPOINTS} checkpoints`);
  const checkpoint = there ?? state.create(position, name, attributes!, time);
  state.open(checkpoint, sender, connection, handle, flags & (RIGHT_READ | RIGHT_WRITE));
  return success(writeAttributes(new BodyWriter(64).position(checkpoint.id), checkpoint.attributes).finish());
}

function close(state: CkptState, { sender, connection, time, body }: ExecutiveMessage, own: OwnNode): Outcome {
  const opener = state.openers.find(sender, connection, body.u32());
  body.end();
  if (opener === undefined) return failure('SA_AIS_ERR_BAD_HANDLE', 'the checkpoint is not open');
  state.close(opener, time);
  if (sender === own.nodeId) own.closed(opener);
  return OK;
}

function unlink(state: CkptState, { position, body }: ExecutiveMessage): Outcome {
  const name = readName(body);
  body.end();
  const checkpoint = state.names.get(name);
  if (checkpoint === undefined) return failure('SA_AIS_ERR_NOT_EXIST', `there is no checkpoint '${name}'`);
  state.unlink(checkpoint, position);
  return OK;
}

/** A connection of the sender is gone, and all that it had open is closed. */
function disconnected(state: CkptState, { sender, time, body }: ExecutiveMessage): undefined {
  const connection = body.f64();
  body.end();
  for (const opener of state.openers.ofConnection(sender, connection)) state.close(opener, time);
}
