/** `ais leave`: before maintenance. The executive sends what it accepted, leaves the ring, and ends; the others go on at once. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { type AisError, aisError } from '../ais-error.js';
import { leaveRing } from '../ipc/leave.js';
import { fetchStatus } from '../ipc/status.js';
import type { Status } from '../observe/status.js';
import { described, documented, list, nodeId, object, text } from './schema.js';
import { type SocketOptions, seconds, withSocket } from './socket.js';
import { type Terminal, toJson } from './terminal.js';

const DEFAULT_TIMEOUT_MS = 30_000;
/** Between looks at whether services are synchronized. */
const LOOK_MS = 100;

const schema = object({
  nodeId: described(nodeId, 'the node that left'),
  configuration: described(text, 'that it left'),
  staying: described(list(nodeId), 'members of the configuration that stayed'),
});

interface LeaveOptions extends SocketOptions {
  readonly timeout: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function leaveCommand(terminal: Terminal): Command {
  const timeout = new Option('--timeout <seconds>', 'how long it may take').default(DEFAULT_TIMEOUT_MS, '30');
  const command = new Command('leave')
    .description('let the executive leave the ring and end, when the others have all that it has')
    .option('--force', 'also if the others lose quorum, or nobody stays to keep what services hold')
    .addOption(timeout.argParser(seconds))
    .action(async ({ socket, timeout, force = false, json }: LeaveOptions) => {
      const end = performance.now() + timeout;
      const status = await whenSynchronized(socket, end);
      const refusal = force ? undefined : whyNot(status);
      if (refusal !== undefined) throw refusal;
      await leaveRing(socket, Math.max(0, end - performance.now()));
      const { nodeId, configuration } = status;
      const staying = configuration.members.filter((member) => member !== nodeId);
      const document = { nodeId, configuration: configuration.id, staying };
      const others = staying.length === 0 ? 'nobody' : staying.join(', ');
      terminal.out(json ? toJson(document) : `Node ${nodeId} has left, and its executive ends; ${others} stayed.`);
    });
  return documented(withSocket(command), schema);
}

/** While services synchronise, this node may be the only one that has what others are to get. */
async function whenSynchronized(socket: string, end: number): Promise<Status> {
  for (;;) {
    const status = await fetchStatus(socket);
    if (status.synchronized && status.state === 'operational') return status;
    if (performance.now() >= end) {
      const what = 'the services are not synchronized: others may lack what this node has';
      throw aisError('SA_AIS_ERR_TIMEOUT', 'leave', what, { hint: 'see ais status, and give it more --timeout' });
    }
    await delay(LOOK_MS);
  }
}

function whyNot({ nodeId, configuration, primary, quorum, nodes = [], services }: Status): AisError | undefined {
  const refuse = (what: string, hint: string) => aisError('SA_AIS_ERR_BAD_OPERATION', 'leave', what, { hint });
  if (configuration.members.length === 1) {
    if (!services.some(holdsSomething)) return undefined;
    const what = `node ${nodeId} is alone: checkpoints and retained events are lost with it`;
    return refuse(what, 'start another executive first, or use --force');
  }
  const own = nodes.find((node) => node.nodeId === nodeId)?.votes ?? 1;
  if (primary && quorum !== undefined && quorum.votes - own < quorum.needed) {
    const what = `the others would have ${quorum.votes - own} of ${quorum.expectedVotes} votes and need ${quorum.needed}`;
    return refuse(what, 'bring back a missing node first (ais members), or use --force');
  }
  return undefined;
}

/** Counts of the services that keep something for their clients. */
function holdsSomething(service: object): boolean {
  const { checkpoints = 0, retainedEvents = 0 } = service as { checkpoints?: unknown; retainedEvents?: unknown };
  return checkpoints !== 0 || retainedEvents !== 0;
}
