/** Cuts loopback between addresses, with nftables: for executives on one host that use unicast. */
import { spawnSync } from 'node:child_process';

const PROBE = 'openais_probe';

function nft(...args: string[]): boolean {
  return spawnSync('nft', args, { stdio: 'ignore' }).status === 0;
}

/** Why this machine cannot; undefined: it can. */
export function partitionProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!nft('add', 'table', 'inet', PROBE)) return 'needs nftables';
  nft('delete', 'table', 'inet', PROBE);
  return undefined;
}

export class Cuts {
  readonly #table: string;

  /** `name`: unique on this machine. */
  constructor(name: string) {
    this.#table = `openais_${name}`;
  }

  /** Nothing passes between addresses of different parts. */
  partition(parts: readonly (readonly string[])[]): void {
    this.heal();
    nft('add', 'table', 'inet', this.#table);
    nft('add', 'chain', 'inet', this.#table, 'cut', '{ type filter hook output priority 0; }');
    for (const from of parts) {
      for (const to of parts) {
        if (from === to) continue;
        const sets = ['ip', 'saddr', `{ ${from.join(', ')} }`, 'ip', 'daddr', `{ ${to.join(', ')} }`];
        nft('add', 'rule', 'inet', this.#table, 'cut', ...sets, 'drop');
      }
    }
  }

  heal(): void {
    nft('delete', 'table', 'inet', this.#table);
  }
}
