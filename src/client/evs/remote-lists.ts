/** What goes over a connection once and is one object here: lists of groups, by their numbers, and configurations, by their ids. */
import { BodyError, type BodyReader } from '../../ipc/body.js';
import type { ConfigurationEvent } from '../../ipc/evs.js';
import { LISTS_MAX, readConfiguration, readGroups } from '../../ipc/evs-frames.js';

/** Configurations that are remembered: sessions may be behind the connection. */
const CONFIGURATIONS_MAX = 64;

export class RemoteLists {
  readonly #lists = new Map<number, readonly string[]>();
  /** Equal lists are one array, also if they had two numbers. */
  readonly #byNames = new Map<string, readonly string[]>();
  readonly #configurations = new Map<string, ConfigurationEvent>();

  /** The executive gives a list its number. @throws {BodyError} */
  define(body: BodyReader): void {
    const number = body.u32();
    const names = readGroups(body);
    if (number === 1) this.#lists.clear();
    if (number !== this.#lists.size + 1 || number > LISTS_MAX) throw new BodyError(`list ${number} of groups`);
    if (number === 1 && this.#byNames.size > LISTS_MAX) this.#byNames.clear();
    const key = JSON.stringify(names);
    const known = this.#byNames.get(key) ?? Object.freeze(names);
    this.#byNames.set(key, known);
    this.#lists.set(number, known);
  }

  /** @throws {BodyError} */
  get(number: number): readonly string[] {
    const groups = this.#lists.get(number);
    if (groups === undefined) throw new BodyError(`list ${number} of groups is not known`);
    return groups;
  }

  /** @throws {BodyError} */
  configuration(body: BodyReader): ConfigurationEvent {
    const read = readConfiguration(body);
    const known = this.#configurations.get(read.id);
    // The first of a session has everybody joined.
    if (known !== undefined) return isSame(known, read) ? known : read;
    this.#configurations.set(read.id, read);
    if (this.#configurations.size > CONFIGURATIONS_MAX) {
      const [oldest] = this.#configurations.keys();
      this.#configurations.delete(oldest!);
    }
    return read;
  }
}

function isSame(a: ConfigurationEvent, b: ConfigurationEvent): boolean {
  return a.joined.join() === b.joined.join() && a.left.join() === b.left.join();
}
