/** A library and an executive over a real Unix socket, and what each of them is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { type AisError, aisError } from '../../../src/ais-error.js';
import { connectLink } from '../../../src/ipc/connect.js';
import type { IncomingRequest, LinkHandler, RunLink, Welcome, WindowLink } from '../../../src/ipc/link.js';
import { connectLocally } from '../../../src/ipc/local.js';
import { type ConnectionServer, serveConnections } from '../../../src/ipc/server.js';

export const welcome: Welcome = {
  nodeId: 0xfffffffe,
  services: new Map([
    ['evs', 1],
    ['third', 64],
  ]),
};

export interface Request {
  readonly service: number;
  readonly fn: number;
  readonly tag: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** Serves a link by noting what comes. */
export class Noting implements LinkHandler {
  readonly link: RunLink;
  readonly requests: Request[] = [];
  readonly cancelled: number[] = [];
  readonly acknowledgements: number[][] = [];
  isClosed = false;
  /** Takes everything up at once. */
  isTaking = true;
  onRequest: (request: Request) => void = () => {};

  constructor(link: RunLink) {
    this.link = link;
  }

  request({ service, fn, tag, flags, memory, start, end }: IncomingRequest): void {
    const request = { service, fn, tag, flags, body: Buffer.from(memory.subarray(start, end)) };
    this.requests.push(request);
    if (this.isTaking) this.link.takenUp(end - start);
    this.onRequest(request);
  }

  cancel(tag: number): void {
    this.cancelled.push(tag);
  }

  acknowledged(...what: number[]): void {
    this.acknowledgements.push(what);
  }

  closed(): void {
    this.isClosed = true;
  }
}

export class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'openais-'));
  readonly path = join(this.folder, 's');
  readonly handlers: Noting[] = [];
  readonly ended: AisError[] = [];
  /** Whom the server refuses. */
  refusal: AisError | undefined;
  #server: ConnectionServer | undefined;

  async serve(): Promise<void> {
    this.#server = await serveConnections(this.path, {
      refuse: () => this.refusal,
      welcome: () => welcome,
      serve: (link) => this.#handler(link),
      ended: (reason) => this.ended.push(reason),
    });
  }

  async connect(
    way: 'in process' | 'through a socket' = 'through a socket',
  ): Promise<{ link: WindowLink; handler: Noting }> {
    const link =
      way === 'through a socket'
        ? await connectLink(this.path)
        : connectLocally({ welcome: () => welcome, serve: (end) => this.#handler(end) }).library;
    return { link, handler: this.handlers.at(-1)! };
  }

  /** A client that sends what it likes. */
  async raw(): Promise<{ socket: Socket; received: () => string; closed: Promise<void> }> {
    const socket = connect(this.path);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, received: () => received, closed };
  }

  async close(): Promise<void> {
    await this.#server?.close(aisError('SA_AIS_ERR_LIBRARY', 'test', 'the test is over'));
    rmSync(this.folder, { recursive: true });
  }

  #handler(link: RunLink): Noting {
    const handler = new Noting(link);
    this.handlers.push(handler);
    return handler;
  }
}

export function useLinks(): () => Scene {
  let scene: Scene | undefined;
  afterEach(async () => {
    await scene?.close();
    scene = undefined;
  });
  return () => {
    scene ??= new Scene();
    return scene;
  };
}

export async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !isSo(); await turn()) {
    if (performance.now() > end) throw new Error('not so within 10 s');
  }
}
