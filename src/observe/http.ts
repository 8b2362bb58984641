/**
 * /metrics, /livez and /readyz over HTTP, for who watches. Whoever asks is checked before anything else: the name that the request was sent
 * to (a page in a browser may lead its own name to this address), then the token. Nothing is read of a request but its head.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Check, type Health, isWell } from './health.js';
import { METRICS_TYPE } from './prometheus.js';

/** Of who asks at a time; more are turned away. */
export const CONNECTIONS_MAX = 32;
export const HEAD_BYTES_MAX = 8 << 10;
/** Milliseconds for a request, and between two of a connection. */
const REQUEST_MS = 5000;
const IDLE_MS = 5000;
/** How often requests that take too long are looked for. */
const CHECK_MS = 1000;

export interface Access {
  /** Undefined: whoever reaches the address may ask. */
  readonly token: string | undefined;
  /** Names in the header Host, beside the address itself and on loopback `localhost`. */
  readonly hosts: readonly string[];
}

export interface ObservedSources {
  health(): Health;
  /** Metrics as text. */
  metrics(): string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NOT_FOUND: Answer = { status: 404, body: 'There are /metrics, /livez and /readyz.\n' };

export class ObserveServer {
  /** May change while it runs. */
  access: Access;
  readonly #server: Server;
  readonly #sources: ObservedSources;

  constructor(access: Access, sources: ObservedSources) {
    this.access = access;
    this.#sources = sources;
    const limits = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS };
    this.#server = createServer(
      { ...limits, maxHeaderSize: HEAD_BYTES_MAX, connectionsCheckingInterval: CHECK_MS },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** @throws Errors of the system: the address is taken, is not one of this machine. */
  listen(address: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, () => {
        this.#server.off('error', reject);
        // Nobody who asks is a reason to end.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { status, body, type = 'text/plain; charset=utf-8', headers = {} } = this.#answer(request);
    // What follows the head is not read: the connection ends with the answer.
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(hasBody && { connection: 'close' }),
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #answer(request: IncomingMessage): Answer {
    if (!this.#isOurName(request)) return { status: 421, body: 'This is no name of this executive.\n' };
    if (!this.#isAdmitted(request.headers.authorization))
      return { status: 401, body: 'A token is needed.\n', headers: { 'www-authenticate': 'Bearer' } };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return { status: 405, body: 'There is nothing to be changed here.\n', headers: { allow: 'GET, HEAD' } };
    const [path, query = ''] = request.url!.split('?', 2) as [string, string?];
    const isVerbose = new URLSearchParams(query).has('verbose');
    switch (path) {
      case '/metrics':
        return { status: 200, body: this.#sources.metrics(), type: METRICS_TYPE };
      case '/livez':
        return report(this.#sources.health().live, isVerbose);
      case '/readyz':
        return report(this.#sources.health().ready, isVerbose);
      default:
        return NOT_FOUND;
    }
  }

  #isOurName({ headers: { host = '' }, socket }: IncomingMessage): boolean {
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
    // An address cannot be led elsewhere.
    if (name === socket.localAddress) return true;
    if (name === 'localhost' && isLoopback(socket.localAddress ?? '')) return true;
    return this.access.hosts.includes(name);
  }

  #isAdmitted(authorization = ''): boolean {
    const { token } = this.access;
    if (token === undefined) return true;
    const [scheme = '', given = ''] = authorization.split(' ', 2);
    // Digests are of one length: how long the comparison takes tells nothing.
    return scheme.toLowerCase() === 'bearer' && timingSafeEqual(digest(given), digest(token));
  }
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** 200 or 503; each check on a line, or with all well `ok`. */
function report(checks: readonly Check[], isVerbose: boolean): Answer {
  const isOk = isWell(checks);
  const lines = checks
    .filter(({ problem }) => isVerbose || problem !== undefined)
    .map(({ name, problem }) => `${problem === undefined ? '[+]' : '[-]'} ${name}: ${problem ?? 'ok'}\n`);
  return { status: isOk ? 200 : 503, body: `${lines.join('')}${isOk ? 'ok' : 'not ok'}\n` };
}
