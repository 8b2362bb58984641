/**
 * What clients change: for each ordered function how its body is read, which right it needs, and what it does. The same table serves
 * the library handlers, which refuse early what is malformed or not permitted, and the executive handlers.
 */
import { type ExecutiveMessage, failure, OK, type Outcome, success } from '../../executive/service.js';
import type { BodyReader } from '../../ipc/body.js';
import {
  CREATE_SECTION,
  DELETE_SECTION,
  MAX_SECTION_ID_SIZE,
  OVERWRITE,
  RIGHT_WRITE,
  SET_ACTIVE,
  SET_EXPIRATION,
  SET_RETENTION,
  SYNCHRONIZE,
  WRITE,
} from '../../ipc/ckpt.js';
import { type Checkpoint, hasDefaultSection, idOf, keyOf, needsActiveReplica, type Section } from './checkpoint.js';
import { generateId } from './generated-id.js';
import type { CkptState } from './state.js';
import { readElements, type WriteElement, writeVector } from './vector.js';

export interface Change<T> {
  /** 0: any. */
  readonly right: number;
  /** Refused while there is no active replica, if there has to be one. */
  readonly needsActive: boolean;
  /** After the handle. What it returns holds views. */
  read(body: BodyReader): T;
  apply(state: CkptState, checkpoint: Checkpoint, value: T, message: ExecutiveMessage): Outcome;
}

interface NewSection {
  readonly deadline: number;
  readonly id: Buffer;
  readonly data: Buffer;
}

const createSection: Change<NewSection> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: (body) => ({ deadline: body.f64(), id: body.bytes(MAX_SECTION_ID_SIZE), data: body.rest() }),
  apply(state, checkpoint, { deadline, id, data }, { position, time }) {
    const { attributes, sections } = checkpoint;
    if (hasDefaultSection(attributes)) return failure('SA_AIS_ERR_EXIST', 'there is the default section, and no other');
    if (sections.size >= attributes.maxSections)
      return failure('SA_AIS_ERR_NO_SPACE', `all ${sections.size} sections exist`);
    if (data.length > attributes.maxSectionSize) return tooLarge(attributes.maxSectionSize);
    if (id.length > attributes.maxSectionIdSize)
      return failure('SA_AIS_ERR_INVALID_PARAM', `an id has at most ${attributes.maxSectionIdSize} bytes`);
    if (sections.has(keyOf(id))) return failure('SA_AIS_ERR_EXIST', 'the section exists');
    if (checkpoint.used + data.length > attributes.checkpointSize) return noSpace(attributes.checkpointSize);
    const key = id.length === 0 ? generateId(checkpoint) : keyOf(id);
    if (key === undefined) return failure('SA_AIS_ERR_NO_SPACE', 'every id that could be made is taken');
    state.createSection(checkpoint, key, Buffer.from(data), deadline, position, time);
    return success(idOf(key));
  },
};

const deleteSection: Change<Buffer> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: (body) => readId(body),
  apply(state, checkpoint, id, { position }) {
    const section = ofUser(checkpoint, id);
    if ('ok' in section) return section;
    state.deleteSection(section, position);
    return OK;
  },
};

const setExpiration: Change<{ readonly deadline: number; readonly id: Buffer }> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: (body) => ({ deadline: body.f64(), id: readId(body) }),
  apply(state, checkpoint, { deadline, id }, { position }) {
    const section = ofUser(checkpoint, id);
    if ('ok' in section) return section;
    state.setExpiration(section, deadline, position);
    return OK;
  },
};

const write: Change<readonly WriteElement[]> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: readElements,
  apply: (state, checkpoint, elements, { position, time }) => writeVector(state, checkpoint, elements, position, time),
};

const overwrite: Change<{ readonly id: Buffer; readonly data: Buffer }> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: (body) => ({ id: body.bytes(MAX_SECTION_ID_SIZE), data: body.rest() }),
  apply(state, checkpoint, { id, data }, { position, time }) {
    const { attributes, used } = checkpoint;
    if (data.length > attributes.maxSectionSize) return tooLarge(attributes.maxSectionSize);
    const section = checkpoint.sections.get(keyOf(id));
    if (section === undefined) return noSection();
    if (used - section.size + data.length > attributes.checkpointSize) return noSpace(attributes.checkpointSize);
    state.overwrite(section, data, position, time);
    return OK;
  },
};

const setActive: Change<undefined> = {
  right: RIGHT_WRITE,
  needsActive: false,
  read: () => undefined,
  apply(state, checkpoint, _value, { sender }) {
    if (!needsActiveReplica(checkpoint.attributes))
      return failure(
        'SA_AIS_ERR_BAD_OPERATION',
        'only a collocated, asynchronous checkpoint has its active replica set',
      );
    state.setActiveReplica(checkpoint, sender);
    return OK;
  },
};

const setRetention: Change<number> = {
  right: 0,
  needsActive: false,
  read: (body) => body.f64(),
  apply(state, checkpoint, duration, { position }) {
    if (!(duration >= 0)) return failure('SA_AIS_ERR_INVALID_PARAM', 'a duration is 0 or more milliseconds');
    if (!checkpoint.isLinked) return failure('SA_AIS_ERR_BAD_OPERATION', 'the checkpoint is unlinked');
    state.setRetention(checkpoint, duration, position);
    return OK;
  },
};

/** Ordered safe: when it is delivered, every member holds what was ordered before it. */
const synchronize: Change<undefined> = {
  right: RIGHT_WRITE,
  needsActive: true,
  read: () => undefined,
  apply: (_state, checkpoint) =>
    checkpoint.attributes.update === 'all-replicas'
      ? failure('SA_AIS_ERR_BAD_OPERATION', 'all replicas are up to date after every change')
      : OK,
};

// biome-ignore lint/suspicious/noExplicitAny: each reads its own value, and applies it.
export const CHANGES: Readonly<Record<number, Change<any>>> = {
  [CREATE_SECTION]: createSection,
  [DELETE_SECTION]: deleteSection,
  [SET_EXPIRATION]: setExpiration,
  [WRITE]: write,
  [OVERWRITE]: overwrite,
  [SET_ACTIVE]: setActive,
  [SET_RETENTION]: setRetention,
  [SYNCHRONIZE]: synchronize,
};

function readId(body: BodyReader): Buffer {
  return body.rest();
}

/** A section that its users made. */
function ofUser(checkpoint: Checkpoint, id: Buffer): Section | Extract<Outcome, { ok: false }> {
  if (id.length === 0 && hasDefaultSection(checkpoint.attributes))
    return failure('SA_AIS_ERR_INVALID_PARAM', 'the default section stays as it is') as Refusal;
  return checkpoint.sections.get(keyOf(id)) ?? noSection();
}

type Refusal = Extract<Outcome, { ok: false }>;

export function noSection(index?: number): Refusal {
  return failure('SA_AIS_ERR_NOT_EXIST', 'there is no such section', index) as Refusal;
}

function tooLarge(most: number): Outcome {
  return failure('SA_AIS_ERR_INVALID_PARAM', `a section has at most ${most} bytes`);
}

function noSpace(most: number): Outcome {
  return failure('SA_AIS_ERR_NO_SPACE', `the sections may hold ${most} bytes together`);
}
