/** CKPT of one connection: opens, unlinks and lists checkpoints. */
import { type AisError, aisError } from '../../ais-error.js';
import { BodyWriter } from '../../ipc/body.js';
import {
  CLOSE,
  FLAG_CREATE,
  LIST,
  MAX_CHECKPOINTS,
  MAX_SECTION_ID_SIZE,
  MAX_SECTION_SIZE,
  numberBody,
  OPEN,
  RIGHT_READ,
  RIGHT_WRITE,
  readAttributes,
  UNLINK,
  writeAttributes,
} from '../../ipc/ckpt.js';
import { checkName, checkOptions } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import { checkAttributes, checkFlag, checkObject } from './arguments.js';
import { CheckpointClient, type CkptContext } from './checkpoint.js';
import { Pages } from './pages.js';
import type { Checkpoint, CheckpointEntry, Ckpt, OpenOptions } from './types.js';

const LIMITS = Object.freeze({
  maxSectionSize: MAX_SECTION_SIZE,
  maxCheckpoints: MAX_CHECKPOINTS,
  maxSectionIdSize: MAX_SECTION_ID_SIZE,
});

/** A close waits for as long as it takes: nobody else would do it. */
const PATIENT: WaitOptions = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' };

export class CkptClient implements Ckpt {
  readonly limits = LIMITS;
  readonly #calls: ServiceCalls;
  readonly #context: CkptContext;
  readonly #open = new Set<CheckpointClient>();
  #isClosed = false;

  constructor(calls: ServiceCalls) {
    this.#calls = calls;
    this.#context = {
      calls,
      close: (checkpoint) => {
        this.#open.delete(checkpoint);
        return this.#close(checkpoint.handle);
      },
      deleted: (instance, id) => {
        for (const checkpoint of this.#open) if (checkpoint.instance === instance) checkpoint.dropDeleted(id);
      },
    };
  }

  async open(name: string, options: OpenOptions): Promise<Checkpoint> {
    const operation = 'ckpt.open';
    checkName(operation, name, 'name');
    const { create, read, write } = checkObject(operation, options, 'options');
    const rights =
      (checkFlag(operation, read, 'read') ? RIGHT_READ : 0) | (checkFlag(operation, write, 'write') ? RIGHT_WRITE : 0);
    const flags = rights | (create === undefined ? 0 : FLAG_CREATE);
    if (flags === 0)
      throw aisError('SA_AIS_ERR_BAD_FLAGS', operation, 'neither read nor write nor create is asked for');
    const attributes = create === undefined ? undefined : checkAttributes(operation, create);
    this.#calls.patience(operation, options);
    this.#check(operation);
    const handle = this.#calls.newObject();
    const body = new BodyWriter(64 + 3 * name.length).u32(handle).u8(flags).text(name);
    if (attributes !== undefined) writeAttributes(body, attributes);
    return this.#calls.call<Checkpoint>({
      operation,
      options,
      fn: OPEN,
      body: body.finish(),
      owner: this,
      result: (answer) => {
        const opened = { name, handle, rights, instance: answer.position(), attributes: readAttributes(answer) };
        const checkpoint = new CheckpointClient(this.#context, opened);
        this.#open.add(checkpoint);
        return checkpoint;
      },
      late: () => void this.#close(handle).catch(() => {}),
    });
  }

  async unlink(name: string, options?: WaitOptions): Promise<void> {
    const operation = 'ckpt.unlink';
    checkName(operation, name, 'name');
    this.#calls.patience(operation, options);
    this.#check(operation);
    const body = new BodyWriter().text(name).finish();
    return this.#calls.call<void>({ operation, options, fn: UNLINK, body, owner: this, result: () => {} });
  }

  list(options?: WaitOptions): AsyncIterable<CheckpointEntry> {
    const operation = 'ckpt.list';
    checkOptions(operation, options);
    this.#calls.patience(operation, options);
    this.#check(operation);
    return new Pages<CheckpointEntry>({
      operation,
      calls: this.#calls,
      owner: this,
      options,
      fn: LIST,
      body: numberBody,
      read: (page) => ({
        name: page.text(),
        attributes: readAttributes(page),
        numberOfSections: page.u32(),
        memoryUsed: page.f64(),
        openers: page.u32(),
      }),
      check: () => this.#check(operation),
      ended: () => {},
    });
  }

  /** The connection has ended: so has everything that was opened through it. */
  close(_reason: AisError | undefined): void {
    this.#isClosed = true;
    for (const checkpoint of this.#open) checkpoint.end();
    this.#open.clear();
  }

  #close(handle: number): Promise<void> {
    const body = numberBody(handle);
    const settings = { operation: 'ckpt.close', options: PATIENT, fn: CLOSE, body, owner: this };
    return this.#calls.call<void>({ ...settings, result: () => {} });
  }

  #check(operation: string): void {
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed');
  }
}
