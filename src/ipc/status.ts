/** The executive's answer to `ais status`: one request and one answer, both frames of JSON, over the Unix socket. */
import { connect, createServer, type Socket } from 'node:net';
import { type AisErrorCode, aisError } from '../ais-error.js';
import { isStatus, type Status } from '../observe/status.js';
import { encodeFrame, FrameReader } from './json-frame.js';
import { listenAt } from './listen.js';

const connectionsMax = 64;
const requestBytesMax = 4096;
/** A connection that says nothing for so long is closed. */
const idleMs = 5000;
const answerMs = 2000;

export interface StatusServer {
  /** Closes the socket and all connections, and removes the path. */
  close(): Promise<void>;
}

/**
 * Serves status requests at `path`.
 * @throws {AisError} As `listenAt`.
 */
export async function serveStatus(path: string, status: () => Status): Promise<StatusServer> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveConnection(socket, status);
  });
  server.maxConnections = connectionsMax;
  await listenAt(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}

function serveConnection(socket: Socket, status: () => Status): void {
  const reader = new FrameReader(requestBytesMax);
  socket.setTimeout(idleMs, () => socket.destroy());
  // A client that goes away is no event here.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    try {
      for (const request of reader.read(chunk)) socket.write(encodeFrame(answer(request, status)));
    } catch (error) {
      socket.end(encodeFrame({ error: error instanceof Error ? error.message : String(error) }));
    }
  });
}

function answer(request: unknown, status: () => Status): object {
  const isStatusRequest =
    typeof request === 'object' && request !== null && 'request' in request && request.request === 'status';
  return isStatusRequest ? { status: status() } : { error: 'unknown request' };
}

/**
 * The status of the executive that listens at `path`.
 * @throws {AisError} SA_AIS_ERR_UNAVAILABLE if none does, SA_AIS_ERR_ACCESS, SA_AIS_ERR_TIMEOUT, SA_AIS_ERR_LIBRARY if
 *   it answers
 *   something else.
 */
export async function fetchStatus(path: string, timeoutMs = answerMs): Promise<Status> {
  const reply = await exchange(path, { request: 'status' }, timeoutMs);
  const { status, error } = (reply ?? {}) as { status?: unknown; error?: unknown };
  if (isStatus(status)) return status;
  const what = typeof error === 'string' ? `the executive answers: ${error}` : 'the answer is no status';
  throw aisError('SA_AIS_ERR_LIBRARY', 'status', what);
}

function exchange(path: string, request: object, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader();
    const socket = connect(path, () => socket.write(encodeFrame(request)));
    const fail = (code: AisErrorCode, what: string, hint?: string) => {
      socket.destroy();
      reject(aisError(code, 'status', what, hint === undefined ? {} : { hint }));
    };
    // Not the socket's own timer, which an executive that trickles bytes would restart.
    const timer = setTimeout(
      () => fail('SA_AIS_ERR_TIMEOUT', `no answer at ${path} within ${timeoutMs} ms`),
      timeoutMs,
    );
    socket.once('close', () => {
      clearTimeout(timer);
      fail('SA_AIS_ERR_LIBRARY', `the executive at ${path} closed the connection without an answer`);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(...connectFailure(path, error)));
    socket.on('data', (chunk) => {
      try {
        const [reply] = reader.read(chunk);
        if (reply === undefined) return;
        resolve(reply);
        socket.destroy();
      } catch (error) {
        fail('SA_AIS_ERR_LIBRARY', `${path}: ${(error as Error).message}`);
      }
    });
  });
}

function connectFailure(path: string, error: NodeJS.ErrnoException): [AisErrorCode, string, string?] {
  const start = 'start it with aisexec, or name its socket with --socket';
  switch (error.code) {
    case 'ENOENT':
      return ['SA_AIS_ERR_UNAVAILABLE', `no executive runs here: ${path} does not exist`, start];
    case 'ECONNREFUSED':
      return ['SA_AIS_ERR_UNAVAILABLE', `no executive runs here: nobody listens at ${path}`, start];
    case 'EACCES':
      return ['SA_AIS_ERR_ACCESS', `no permission to connect to ${path}`];
    default:
      return ['SA_AIS_ERR_LIBRARY', `${path}: ${error.message}`];
  }
}
