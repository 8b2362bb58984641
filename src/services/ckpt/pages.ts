/** Iterators: what existed at the call, given page by page; what is gone since is left out. They live on the client's node alone. */
import { failure, type LibraryConnection, type Outcome, success } from '../../executive/service.js';
import { BodyWriter } from '../../ipc/body.js';
import { type Chosen, writeAttributes } from '../../ipc/ckpt.js';
import { type Checkpoint, idOf, type Section } from './checkpoint.js';
import { MAX_ITERATORS, PAGE_ITEMS } from './limits.js';
import type { CkptState } from './state.js';

/** A list whose items are encoded when their page is asked for. */
export interface Listing {
  /** Handle that it was asked through; undefined: none. */
  readonly handle: number | undefined;
  readonly length: number;
  /** False: the item is gone, and nothing was written. */
  put(index: number, page: BodyWriter): boolean;
}

interface Iteration {
  readonly listing: Listing;
  next: number;
}

export class Iterators {
  readonly #connections = new Map<LibraryConnection, Map<number, Iteration>>();

  get size(): number {
    let size = 0;
    for (const iterations of this.#connections.values()) size += iterations.size;
    return size;
  }

  /** The first page. What does not fit it is kept for next(). */
  start(connection: LibraryConnection, number: number, listing: Listing): Outcome {
    const iteration = { listing, next: 0 };
    const page = takePage(iteration);
    if (iteration.next === listing.length) return success(page);
    let iterations = this.#connections.get(connection);
    if (iterations === undefined) {
      iterations = new Map();
      this.#connections.set(connection, iterations);
    }
    if (iterations.size >= MAX_ITERATORS)
      return failure('SA_AIS_ERR_NO_RESOURCES', `a connection has at most ${MAX_ITERATORS} iterators`);
    iterations.set(number, iteration);
    return success(page);
  }

  find(connection: LibraryConnection, number: number): Listing | undefined {
    return this.#connections.get(connection)?.get(number)?.listing;
  }

  next(connection: LibraryConnection, number: number): Outcome {
    const iteration = this.#connections.get(connection)?.get(number);
    if (iteration === undefined) return failure('SA_AIS_ERR_BAD_HANDLE', 'the iterator is at its end');
    const page = takePage(iteration);
    if (iteration.next === iteration.listing.length) this.end(connection, number);
    return success(page);
  }

  end(connection: LibraryConnection, number: number): void {
    const iterations = this.#connections.get(connection);
    iterations?.delete(number);
    if (iterations?.size === 0) this.#connections.delete(connection);
  }

  closed(connection: number, handle: number): void {
    for (const [key, iterations] of this.#connections) {
      if (key.id !== connection) continue;
      for (const [number, { listing }] of iterations) if (listing.handle === handle) this.end(key, number);
    }
  }

  disconnected(connection: LibraryConnection): void {
    this.#connections.delete(connection);
  }
}

function takePage(iteration: Iteration): Buffer {
  const { listing } = iteration;
  const items = new BodyWriter();
  let count = 0;
  while (count < PAGE_ITEMS && iteration.next < listing.length) if (listing.put(iteration.next++, items)) count++;
  const page = new BodyWriter(5 + items.size).bool(iteration.next === listing.length).u32(count);
  return page.rest(items.finish()).finish();
}

/** `state`: as it is when a page is asked for. */
export function sectionListing(
  state: () => CkptState,
  handle: number,
  checkpoint: Checkpoint,
  chosen: Chosen,
  time: number,
): Listing {
  const { id } = checkpoint;
  const sections = [...checkpoint.sections.values()].filter((section) => isChosen(section, chosen, time));
  // Keys and not sections: those would keep old bytes in memory.
  const keys = sections.map(({ key }) => key);
  const borns = sections.map(({ born }) => born);
  return {
    handle,
    length: keys.length,
    put(index, page) {
      const section = state().checkpoints.get(id)?.sections.get(keys[index]!);
      if (section === undefined || section.born !== borns[index]) return false;
      page.bytes(idOf(section.key)).f64(section.deadline).u32(section.size).f64(section.lastUpdate);
      return true;
    },
  };
}

/** No section is ever corrupted: all members apply the same writes. */
function isChosen({ deadline }: Section, chosen: Chosen, time: number): boolean {
  if (chosen === 'leq') return deadline <= time;
  if (chosen === 'geq') return deadline >= time;
  return chosen === 'any' || (chosen === 'forever' && deadline === Number.POSITIVE_INFINITY);
}

export function checkpointListing(state: () => CkptState): Listing {
  const ids = [...state().names.values()].map(({ id }) => id);
  return {
    handle: undefined,
    length: ids.length,
    put(index, page) {
      const checkpoint = state().checkpoints.get(ids[index]!);
      if (!checkpoint?.isLinked) return false;
      writeAttributes(page.text(checkpoint.name), checkpoint.attributes);
      page.u32(checkpoint.sections.size).f64(checkpoint.used).u32(checkpoint.openers.size);
      return true;
    },
  };
}
