/** What the executive has for each connection of a library, through the socket or in process: EVS, its own status, all other services. */
import { Dispatcher, type PromptHandler } from '../ipc/dispatcher.js';
import { EVS_SERVICE } from '../ipc/evs-frames.js';
import { EXECUTIVE, executiveHandler } from '../ipc/executive.js';
import type { ExecutiveLink, LinkHandler, RequestHandler, RunLink, Welcome } from '../ipc/link.js';
import type { Status } from '../observe/status.js';
import { EvsConnection } from '../services/evs/connection.js';
import type { EvsService } from '../services/evs/service.js';

export interface LibrarySources {
  readonly nodeId: number;
  readonly evs: EvsService;
  readonly status: () => Status;
  /** Begins to leave the ring, and calls back when it is left. */
  readonly leave: (left: () => void) => void;
  /** Numbers of the services that `serve` serves, by name. */
  readonly services: ReadonlyMap<string, number>;
  /** Serves one connection's requests for all services but EVS and the executive itself. */
  readonly serve: (link: ExecutiveLink) => RequestHandler;
}

export interface LibraryService {
  readonly welcome: () => Welcome;
  /** In process nobody asks to leave: who started the executive stops it. */
  readonly serve: (link: RunLink, isOperator?: boolean) => LinkHandler;
}

export function serveLibraries({ nodeId, evs, status, leave, services, serve }: LibrarySources): LibraryService {
  const named = new Map([['evs', EVS_SERVICE], ...services]);
  return {
    welcome: () => ({ nodeId, services: named }),
    serve: (link, isOperator = false) =>
      new Dispatcher(link, (own) => {
        const prompt = new Map<number, PromptHandler>([
          [EXECUTIVE, executiveHandler(own, { status, leave: isOperator ? leave : undefined })],
          [EVS_SERVICE, new EvsConnection(link, evs, after)],
        ]);
        return { prompt, others: serve(own) };
      }),
  };
}

function after(milliseconds: number, expire: () => void): () => void {
  const timer = setTimeout(expire, milliseconds);
  return () => clearTimeout(timer);
}
