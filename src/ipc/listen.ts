/**
 * A listening Unix socket at a path: with a directory, with rights, and in the place of a socket that a dead process
 * left behind.
 */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { aisError } from '../ais-error.js';

const directoryMode = 0o755;
/** Anybody may connect; who may stay is decided by credentials, which say more than the socket's one group can. */
const socketMode = 0o666;
/** A living executive accepts at once: the kernel does it. */
const probeMs = 1000;

/**
 * Listens at `path`. Whoever else answers there keeps it.
 * @throws {AisError} SA_AIS_ERR_EXIST if another process answers or the path is no socket, SA_AIS_ERR_ACCESS,
 *   SA_AIS_ERR_LIBRARY.
 */
export async function listenAt(server: Server, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: directoryMode });
    await removeStale(path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    await chmod(path, socketMode);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw inUse(path);
    if (code === 'EACCES' || code === 'EPERM') {
      throw aisError('SA_AIS_ERR_ACCESS', 'ipc.listen', `no permission to listen at ${path}`, {
        hint: 'another path: ipc { socket: … }',
        cause: error,
      });
    }
    if (code?.startsWith('SA_AIS_')) throw error;
    throw aisError('SA_AIS_ERR_LIBRARY', 'ipc.listen', `cannot listen at ${path}: ${message}`, { cause: error });
  }
}

async function removeStale(path: string): Promise<void> {
  const status = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!status) return;
  if (!status.isSocket()) throw aisError('SA_AIS_ERR_EXIST', 'ipc.listen', `${path} exists and is no socket`);
  if (await answers(path)) throw inUse(path);
  await unlink(path);
}

/** Only a refused connection proves that nobody listens; a full backlog or a missing right does not. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (isAlive: boolean) => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.setTimeout(probeMs, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function inUse(path: string): Error {
  return aisError('SA_AIS_ERR_EXIST', 'ipc.listen', `another executive answers at ${path}`);
}
