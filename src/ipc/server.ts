/** The executive's Unix socket: who connects is asked who it is, and gets a link. */
import { createServer, type Socket } from 'node:net';
import { type AisError, aisError } from '../ais-error.js';
import { ExecutiveEnd } from './executive-link.js';
import { END_GRACE_MS } from './frame-stream.js';
import type { LinkHandler, RunLink, Welcome } from './link.js';
import { listenAt } from './listen.js';
import { carry } from './socket-carrier.js';

/** Clients of one executive. */
export const CONNECTIONS_MAX = 4096;
/** Milliseconds within which a client says hello. */
const HELLO_MS = 5000;

export interface ServerOptions {
  /** Why the process at the other end of this socket is not admitted; undefined: it is. */
  readonly refuse: (fd: number) => AisError | undefined;
  readonly welcome: () => Welcome;
  /** `isOperator`: who connected may control the executive. */
  readonly serve: (link: RunLink, isOperator: boolean) => LinkHandler;
  /** Default: nobody is one. */
  readonly isOperator?: (fd: number) => boolean;
  /** A client was refused, or ended for what it did. */
  readonly ended: (reason: AisError) => void;
}

export interface ConnectionServer {
  /** Ends all connections, which are told why, and removes the path. */
  close(reason: AisError): Promise<void>;
}

/** @throws {AisError} As `listenAt`. */
export async function serveConnections(path: string, options: ServerOptions): Promise<ConnectionServer> {
  const ends = new Map<Socket, ExecutiveEnd>();
  const server = createServer((socket) => {
    ends.set(socket, accept(socket, options));
    socket.once('close', () => ends.delete(socket));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listenAt(server, path);
  return {
    close: (reason) =>
      new Promise((resolve) => {
        // Those that were ended before may have more time than is left.
        const timer = setTimeout(() => {
          for (const socket of ends.keys()) socket.destroy();
        }, END_GRACE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        for (const end of ends.values()) end.end(reason);
      }),
  };
}

function accept(socket: Socket, options: ServerOptions): ExecutiveEnd {
  const { refuse, isOperator = () => false, welcome, serve, ended } = options;
  const fd = fileDescriptor(socket);
  const operates = isOperator(fd);
  const end = new ExecutiveEnd({
    welcome,
    refusal: refuse(fd),
    serve: (link) => serve(link, operates),
    ended: (reason) => {
      if (reason !== undefined) ended(reason);
    },
  });
  carry(end.stream, socket);
  const expire = () => {
    if (!end.isOpen) end.end(aisError('SA_AIS_ERR_TIMEOUT', 'ipc.hello', `no hello within ${HELLO_MS} ms`));
  };
  // It may have come while this process stood still: then it is read before setImmediate() calls back.
  const timer = setTimeout(() => setImmediate(expire), HELLO_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('data', (chunk) => end.stream.push(chunk));
  return end;
}

/** Node shows it nowhere else. A socket that is closed already has none: -1. */
function fileDescriptor(socket: Socket): number {
  const { _handle } = socket as Socket & { _handle?: { readonly fd?: number } | null };
  return _handle?.fd ?? -1;
}
