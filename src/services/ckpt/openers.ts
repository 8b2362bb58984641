/** Who has what open, in the whole cluster: by node, connection and handle. */
import type { Opener } from './checkpoint.js';

export class Openers {
  readonly #nodes = new Map<number, Map<number, Map<number, Opener>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(node: number, connection: number, handle: number): Opener | undefined {
    return this.#nodes.get(node)?.get(connection)?.get(handle);
  }

  /** How many a connection has. */
  count(node: number, connection: number): number {
    return this.#nodes.get(node)?.get(connection)?.size ?? 0;
  }

  add(opener: Opener): void {
    let connections = this.#nodes.get(opener.node);
    if (connections === undefined) {
      connections = new Map();
      this.#nodes.set(opener.node, connections);
    }
    let handles = connections.get(opener.connection);
    if (handles === undefined) {
      handles = new Map();
      connections.set(opener.connection, handles);
    }
    handles.set(opener.handle, opener);
    this.#size++;
  }

  remove(opener: Opener): void {
    const connections = this.#nodes.get(opener.node)!;
    const handles = connections.get(opener.connection)!;
    handles.delete(opener.handle);
    this.#size--;
    if (handles.size > 0) return;
    connections.delete(opener.connection);
    if (connections.size === 0) this.#nodes.delete(opener.node);
  }

  ofConnection(node: number, connection: number): Opener[] {
    return [...(this.#nodes.get(node)?.get(connection)?.values() ?? [])];
  }

  ofNode(node: number): Opener[] {
    return [...(this.#nodes.get(node)?.values() ?? [])].flatMap((handles) => [...handles.values()]);
  }
}
