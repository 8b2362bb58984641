/** `ais bench-agent`: lets a benchmark on another machine (`npm run bench -- … --hosts FILE`) start executives and clients here. */
import { Command, InvalidArgumentError } from 'commander';
import { readKeyFile } from '../config/authkey.js';
import { count, documented, object, text } from './schema.js';
import { signalled } from './signals.js';
import { type Terminal, toJson } from './terminal.js';

const DEFAULT_PORT = 5410;

interface Listen {
  readonly host: string;
  readonly port: number;
}

interface Agent {
  readonly port: number;
  /** Ends what it has started, too. */
  close(): Promise<void>;
}

/** bench/hosts/agent.mjs: bench/ is not compiled. */
interface AgentModule {
  startAgent(options: Listen & { key: Uint8Array; say: (text: string) => void }): Promise<Agent>;
}

export function benchAgentCommand(terminal: Terminal): Command {
  const command = new Command('bench-agent')
    .description('start executives and clients here for a benchmark that another machine controls')
    .requiredOption('-k, --key-file <file>', 'the key that the benchmark has too; ais keygen makes one')
    .option('-l, --listen <address:port>', 'where it listens', listen, { host: '0.0.0.0', port: DEFAULT_PORT })
    .action(async ({ keyFile, listen, json }: { keyFile: string; listen: Listen; json?: boolean }) => {
      const { key } = await readKeyFile(keyFile);
      const { startAgent } = (await import(agentModule)) as AgentModule;
      const agent = await startAgent({ ...listen, key, say: (text) => terminal.err(text) });
      const listening = { host: listen.host, port: agent.port };
      terminal.out(json ? toJson({ listening }) : `Waiting for a benchmark at ${listening.host}:${listening.port}.`);
      await using ending = signalled();
      await ending.signalled;
      await agent.close();
    });
  return documented(command, object({ listening: object({ host: text, port: count }) }));
}

const agentModule = new URL('../../bench/hosts/agent.mjs', import.meta.url).href;

function listen(text: string): Listen {
  const [host = '', port = `${DEFAULT_PORT}`, ...more] = text.split(':');
  const number = Number(port);
  if (host === '' || more.length > 0 || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('it is ADDRESS:PORT');
  }
  return { host, port: number };
}
