/** An open checkpoint, as its user holds it. Arguments are checked before the handle, rights after it. */
import { aisError } from '../../ais-error.js';
import { type BodyReader, BodyWriter } from '../../ipc/body.js';
import {
  type Attributes,
  CHOSEN,
  CREATE_SECTION,
  DELETE_SECTION,
  MAX_SECTION_SIZE,
  numberBody,
  OVERWRITE,
  RIGHT_READ,
  RIGHT_WRITE,
  readAttributes,
  SECTIONS,
  SET_ACTIVE,
  SET_EXPIRATION,
  SET_RETENTION,
  STATUS,
  SYNCHRONIZE,
  UNWATCH,
  WATCH,
  WRITE,
} from '../../ipc/ckpt.js';
import { checkBytes, checkTimeout, invalid } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import {
  checkFilter,
  checkGivenId,
  checkObject,
  checkRead,
  checkSectionId,
  checkVector,
  checkWrite,
} from './arguments.js';
import { Pages } from './pages.js';
import type {
  Checkpoint,
  CheckpointStatus,
  NewSection,
  ReadElement,
  SectionDescriptor,
  SectionFilter,
  SectionId,
  WriteElement,
} from './types.js';
import { readBody, readPart, readVector, writeBody } from './vectors.js';
import { Watch } from './watch.js';

/** What the checkpoints of one connection share. */
export interface CkptContext {
  readonly calls: ServiceCalls;
  close(checkpoint: CheckpointClient): Promise<void>;
  /** A section was deleted through this connection. */
  deleted(instance: bigint, id: Uint8Array): void;
}

/** What the executive said of it. */
export interface Opened {
  readonly name: string;
  readonly handle: number;
  readonly rights: number;
  /** Equal for the same checkpoint, however often it is opened. */
  readonly instance: bigint;
  readonly attributes: Attributes;
}

const NO_BYTES = Buffer.alloc(0);

export class CheckpointClient implements Checkpoint {
  readonly name: string;
  readonly handle: number;
  readonly instance: bigint;
  readonly #context: CkptContext;
  readonly #rights: number;
  readonly #maxSectionSize: number;
  readonly #pages = new Set<Pages<SectionDescriptor>>();
  readonly #watches = new Set<Watch>();
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(context: CkptContext, { name, handle, rights, instance, attributes }: Opened) {
    this.#context = context;
    this.name = name;
    this.handle = handle;
    this.instance = instance;
    this.#rights = rights;
    this.#maxSectionSize = attributes.maxSectionSize;
  }

  // --- sections ------------------------------------------------------------------------------------------------------------

  async createSection(section: NewSection, options?: WaitOptions): Promise<Buffer> {
    const operation = 'ckpt.createSection';
    const {
      id,
      data = NO_BYTES,
      expirationTime = Number.POSITIVE_INFINITY,
    } = checkObject(operation, section, 'section');
    const bytes = checkSectionId(operation, id);
    checkBytes(operation, data, MAX_SECTION_SIZE);
    const deadline = checkTimeout(operation, expirationTime, 'expirationTime');
    this.#check(operation, options, RIGHT_WRITE);
    const body = new BodyWriter(16 + bytes.length + data.length).u32(this.handle).f64(deadline).bytes(bytes).rest(data);
    return this.#call(operation, options, CREATE_SECTION, body, (answer) => Buffer.from(answer.rest()));
  }

  async deleteSection(id: SectionId, options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.deleteSection';
    const bytes = Buffer.from(checkGivenId(operation, id));
    this.#check(operation, options, RIGHT_WRITE);
    const body = new BodyWriter(4 + bytes.length).u32(this.handle).rest(bytes);
    const deleted = () => this.#context.deleted(this.instance, bytes);
    return this.#call(operation, options, DELETE_SECTION, body, deleted);
  }

  async setSectionExpirationTime(id: SectionId, time: number, options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.setSectionExpirationTime';
    const bytes = checkGivenId(operation, id);
    const deadline = checkTimeout(operation, time, 'time');
    this.#check(operation, options, RIGHT_WRITE);
    const body = new BodyWriter(12 + bytes.length).u32(this.handle).f64(deadline).rest(bytes);
    return this.#call(operation, options, SET_EXPIRATION, body);
  }

  sections(filter?: SectionFilter): AsyncIterable<SectionDescriptor> {
    const operation = 'ckpt.sections';
    const { chosen, time } = checkFilter(operation, filter);
    this.#check(operation);
    const pages = new Pages<SectionDescriptor>({
      operation,
      calls: this.#context.calls,
      owner: this,
      options: undefined,
      fn: SECTIONS,
      body: (number) => new BodyWriter(17).u32(this.handle).u32(number).u8(CHOSEN.indexOf(chosen)).f64(time).finish(),
      read: readDescriptor,
      check: () => this.#check(operation),
      ended: (each) => this.#pages.delete(each),
    });
    this.#pages.add(pages);
    return pages;
  }

  /** Another handle of this connection may have deleted it. */
  dropDeleted(id: Uint8Array): void {
    for (const pages of this.#pages) pages.drop((section) => section.id.equals(id));
  }

  // --- data ----------------------------------------------------------------------------------------------------------------

  async write(elements: WriteElement | readonly WriteElement[], options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.write';
    const vector = checkVector(operation, elements);
    this.#check(operation, options, RIGHT_WRITE);
    const most = this.#maxSectionSize;
    // map() would leave holes as they are.
    const checked = Array.from(vector, (element, index) => checkWrite(operation, element, most, index));
    return this.#call(operation, options, WRITE, writeBody(operation, this.handle, checked));
  }

  async overwrite(element: { section?: SectionId; data: Uint8Array }, options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.overwrite';
    const { section, data } = checkObject(operation, element, 'the element');
    const id = checkSectionId(operation, section);
    checkBytes(operation, data, MAX_SECTION_SIZE);
    this.#check(operation, options, RIGHT_WRITE);
    const body = new BodyWriter(8 + id.length + data.length).u32(this.handle).bytes(id).rest(data);
    return this.#call(operation, options, OVERWRITE, body);
  }

  // The vector first: an array, which has a length, could pass for an element.
  read(elements: readonly ReadElement[], options?: WaitOptions): Promise<Buffer[]>;
  read(element: ReadElement, options?: WaitOptions): Promise<Buffer>;
  async read(elements: ReadElement | readonly ReadElement[], options?: WaitOptions): Promise<Buffer | Buffer[]> {
    const operation = 'ckpt.read';
    const vector = checkVector(operation, elements);
    this.#check(operation, options, RIGHT_READ);
    const most = this.#maxSectionSize;
    const checked = Array.from(vector, (element, index) => checkRead(operation, element, most, index));
    const { calls } = this.#context;
    const parts = await readVector({ calls, operation, options, owner: this, handle: this.handle }, checked);
    return Array.isArray(elements) ? parts : parts[0]!;
  }

  async readInto(element: ReadElement, target: Uint8Array, options?: WaitOptions): Promise<number> {
    const operation = 'ckpt.readInto';
    checkObject(operation, element, 'the element');
    checkBytes(operation, target, Number.POSITIVE_INFINITY);
    const { length = Math.min(target.length, this.#maxSectionSize) } = element;
    const checked = checkRead(operation, { ...element, length }, this.#maxSectionSize, 0);
    if (checked.length > target.length) throw invalid(operation, `the target has ${target.length} bytes`);
    this.#check(operation, options, RIGHT_READ);
    return this.#call(operation, options, ...readBody(this.handle, 0, [checked]), (answer) => {
      const part = readPart(answer);
      target.set(part);
      return part.length;
    });
  }

  async watch(options?: WaitOptions): Promise<Watch> {
    const operation = 'ckpt.watch';
    this.#check(operation, options);
    const { calls } = this.#context;
    const object = calls.newObject();
    const body = new BodyWriter(8).u32(this.handle).u32(object).finish();
    const unwatch = () => calls.tell(UNWATCH, numberBody(object));
    let isWatching = false;
    const watch = new Watch(() => {
      calls.listen(object, undefined);
      if (isWatching && !this.#isClosed) unwatch();
      isWatching = false;
      // What it holds is gone with the checkpoint.
      if (!watch.isHolding) this.#watches.delete(watch);
    });
    calls.listen(object, (fn, event) => watch.hear(fn, event));
    const result = () => {
      isWatching = true;
      this.#watches.add(watch);
      return watch;
    };
    const settings = { operation, options, fn: WATCH, body, owner: this, hasEffect: false };
    try {
      return await calls.call<Watch>({ ...settings, result, late: unwatch });
    } catch (error) {
      watch.end();
      throw error;
    }
  }

  // --- the checkpoint --------------------------------------------------------------------------------------------------------

  async synchronize(options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.synchronize';
    const { timeout } = this.#context.calls.patience(operation, options);
    if (timeout === 0) throw aisError('SA_AIS_ERR_TIMEOUT', operation, 'there is no time for it');
    this.#check(operation, options, RIGHT_WRITE);
    return this.#call(operation, options, SYNCHRONIZE, new BodyWriter(4).u32(this.handle));
  }

  async setActiveReplica(options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.setActiveReplica';
    this.#check(operation, options, RIGHT_WRITE);
    return this.#call(operation, options, SET_ACTIVE, new BodyWriter(4).u32(this.handle));
  }

  async setRetentionDuration(duration: number, options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.setRetentionDuration';
    checkTimeout(operation, duration, 'duration');
    this.#check(operation, options);
    return this.#call(operation, options, SET_RETENTION, new BodyWriter(12).u32(this.handle).f64(duration));
  }

  async status(options?: WaitOptions): Promise<CheckpointStatus> {
    const operation = 'ckpt.status';
    this.#check(operation, options);
    return this.#call(operation, options, STATUS, new BodyWriter(4).u32(this.handle), (answer) => ({
      attributes: readAttributes(answer),
      numberOfSections: answer.u32(),
      memoryUsed: answer.f64(),
    }));
  }

  async close(): Promise<void> {
    this.#check('ckpt.close');
    this.end();
    const over = (operation: string, outcome: 'none' | 'unknown') =>
      aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the checkpoint was closed', { outcome });
    this.#context.calls.endOwner(this, over);
    this.#closing = this.#context.close(this);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.close().catch(() => {});
    await this.#closing?.catch(() => {});
  }

  /** Here: nothing is told any more. */
  end(): void {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.end();
  }

  #check(operation: string, options?: WaitOptions, right = 0): void {
    this.#context.calls.patience(operation, options);
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the checkpoint is closed');
    if ((this.#rights & right) === right) return;
    const way = right === RIGHT_READ ? 'reading' : 'writing';
    throw aisError('SA_AIS_ERR_ACCESS', operation, `the checkpoint is not open for ${way}`);
  }

  #call<T = void>(
    operation: string,
    options: WaitOptions | undefined,
    fn: number,
    body: BodyWriter,
    result?: (answer: BodyReader) => T,
  ): Promise<T> {
    const meaning = result ?? (() => undefined as T);
    return this.#context.calls.call<T>({ operation, options, fn, body: body.finish(), owner: this, result: meaning });
  }
}

function readDescriptor(page: BodyReader): SectionDescriptor {
  return {
    id: Buffer.from(page.bytes()),
    expirationTime: page.f64(),
    size: page.u32(),
    state: 'valid',
    lastUpdate: page.f64(),
  };
}
