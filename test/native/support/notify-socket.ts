/** A Unix datagram socket that writes down what it is told, as systemd's: Node has none, so it takes a Python. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const PROGRAM = `
import socket, sys
name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind('\\0' + name[1:] if name[0] == '@' else name)
print('bound', flush=True)
while True:
    print(repr(receiver.recv(65536).decode()), flush=True)
`;

/** Why there can be none here; undefined: there can. */
export function notifySocketProblem(): string | undefined {
  return spawnSync('python3', ['-c', 'import socket; socket.AF_UNIX']).status === 0 ? undefined : 'needs python3';
}

export class NotifySocket {
  /** Datagrams as they came, as Python writes them, without quotes. */
  readonly heard: string[] = [];
  readonly address: string;
  readonly #process: ChildProcess;

  private constructor(address: string) {
    this.address = address;
    this.#process = spawn('python3', ['-c', PROGRAM, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** `address`: a path, or '@' and a name. */
  static async bind(address: string): Promise<NotifySocket> {
    const socket = new NotifySocket(address);
    const lines = createInterface({ input: socket.#process.stdout! });
    await once(lines, 'line');
    lines.on('line', (line) => socket.heard.push(line.slice(1, -1).replaceAll('\\n', '\n')));
    return socket;
  }

  /** One assignment of all that was said, in order: 'READY', 'STATUS' … */
  get words(): string[] {
    return this.heard.map((datagram) => datagram.split('=')[0]!);
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}
