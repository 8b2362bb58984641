/** What a client does with checkpoints. Every section and every cell is one client's own: so what it must hold is known. */
import type { Checkpoint, CheckpointAttributes } from '../../client/ckpt/types.js';
import type { Client } from './client.js';
import { TOKEN_LENGTH } from './journal.js';
import { FOREVER } from './message.js';

/** In a default section: one a client. */
export const CELL = 16;
const CELLS = 256;
/** Sections that a client has of a checkpoint. */
const SECTIONS_MAX = 4;
const HANDLES_MAX = 4;
const SECTION_SIZE_MAX = 32_768;

interface Open {
  readonly checkpoint: Checkpoint;
  readonly name: string;
  readonly attributes: CheckpointAttributes;
  readonly sections: string[];
  /** By section: the last token that was acknowledged at its beginning. */
  readonly acknowledged: Map<string, string>;
}

const base = { retentionDuration: FOREVER, maxSectionIdSize: 32 };
const many = { ...base, maxSections: 4000, maxSectionSize: SECTION_SIZE_MAX, checkpointSize: 4000 * SECTION_SIZE_MAX };
const one = { ...base, maxSections: 1, maxSectionSize: CELL * CELLS, checkpointSize: CELL * CELLS };

/** To stay: nobody unlinks them. */
const LASTING: Readonly<Record<string, CheckpointAttributes>> = {
  kept: many,
  'kept too': many,
  cells: one,
  'kept weakly': { ...many, update: 'active-replica' },
  'kept weaker': { ...many, update: 'active-replica-weak' },
};

const FLEETING: Readonly<Record<string, CheckpointAttributes>> = {
  'gone at once': { ...many, retentionDuration: 0 },
  'gone soon': { ...many, retentionDuration: 100 },
  'gone too': { ...one, retentionDuration: 300, update: 'active-replica' },
  'gone from here': { ...many, retentionDuration: 50, collocated: true, update: 'active-replica-weak' },
};

export const isLasting = (name: string): boolean => name in LASTING;

export class CkptUser {
  /** What it holds open. */
  readonly open = new Set<Open>();
  readonly #client: Client;
  #isOpening = false;

  constructor(client: Client) {
    this.#client = client;
  }

  step(): void {
    const { random } = this.#client.parts;
    const held = [...this.open];
    if (held.length === 0 || (held.length < HANDLES_MAX && random.chance(0.1))) {
      if (!this.#isOpening) this.#open();
      return;
    }
    const open = random.pick(held);
    const lasts = isLasting(open.name);
    const choice = random.below(20);
    if (choice < 4) this.#create(open);
    else if (choice < 8) this.#overwrite(open);
    else if (choice < 12) this.#write(open);
    else if (choice < 14) this.#delete(open);
    else if (choice < 15) this.#expire(open);
    else if (choice < 17) this.#read(open);
    else if (choice < 18) this.#close(open);
    else if (lasts) this.#watchOver(open);
    else this.#unsettle(open);
  }

  #open(): void {
    const { random, plan } = this.#client.parts;
    const names = random.chance(plan.fleeting) ? FLEETING : LASTING;
    const name = random.pick(Object.keys(names));
    const attributes = names[name]!;
    const options = { create: attributes, read: true, write: true, ...this.#client.options() };
    this.#isOpening = true;
    this.#other(
      `open ${name}`,
      () =>
        this.#client.connection.ckpt.open(name, options).finally(() => {
          this.#isOpening = false;
        }),
      (checkpoint) => this.open.add({ checkpoint, name, attributes, sections: [], acknowledged: new Map() }),
    );
  }

  #create(open: Open): void {
    if (open.sections.length >= SECTIONS_MAX || open.attributes.maxSections === 1) return;
    const { random } = this.#client.parts;
    const { token, data } = this.#data();
    const id = `s${token.slice(1, -1)}`;
    const lives = random.chance(0.1) ? { expirationTime: this.#soon() } : {};
    const call = { ...this.#about(open, 'create', token), writes: [{ section: id, offset: 0, data }] };
    if (!('expirationTime' in lives)) open.sections.push(id);
    else call.text = 'expires';
    this.#follow(open, call, () => open.checkpoint.createSection({ id, data, ...lives }, this.#client.options()));
  }

  #overwrite(open: Open): void {
    const section = this.#section(open);
    if (section === undefined) return;
    const { token, data } = this.#data();
    const call = { ...this.#about(open, 'overwrite', token), writes: [{ section, offset: 0, data }] };
    this.#follow(open, call, () => open.checkpoint.overwrite({ section, data }, this.#client.options()));
  }

  /** A cell of the common section, or parts of some of its own. */
  #write(open: Open): void {
    const { random, connection, process } = this.#client.parts;
    const { token, data } = this.#data();
    if (open.attributes.maxSections === 1) {
      const offset = CELL * ((process * 7 + connection) % CELLS);
      const cell = Buffer.alloc(CELL, '=');
      cell.write(token, 'latin1');
      this.#writeAll(open, token, [{ section: '', offset, data: cell }]);
      return;
    }
    if (open.sections.length === 0) return;
    const sections = random.shuffle([...open.sections]).slice(0, random.between(1, 3));
    const offset = () => (random.chance(0.5) ? 0 : TOKEN_LENGTH + random.below(TOKEN_LENGTH));
    this.#writeAll(
      open,
      token,
      sections.map((section) => ({ section, offset: offset(), data })),
    );
  }

  #writeAll(open: Open, token: string, writes: readonly { section: string; offset: number; data: Buffer }[]): void {
    const call = { ...this.#about(open, 'write', token), writes };
    this.#follow(open, call, () => open.checkpoint.write(writes, this.#client.options()));
  }

  #delete(open: Open): void {
    const section = this.#section(open);
    if (section === undefined) return;
    open.sections.splice(open.sections.indexOf(section), 1);
    const call = { ...this.#about(open, 'delete', `delete ${section}`), writes: [write(section)] };
    this.#follow(open, call, () => open.checkpoint.deleteSection(section, this.#client.options()));
  }

  #expire(open: Open): void {
    const section = this.#section(open);
    if (section === undefined) return;
    open.sections.splice(open.sections.indexOf(section), 1);
    const time = this.#soon();
    const call = { ...this.#about(open, 'expire', `expire ${section} ${time}`), writes: [write(section)] };
    this.#follow(open, call, () => open.checkpoint.setSectionExpirationTime(section, time, this.#client.options()));
  }

  #read(open: Open): void {
    const section = this.#section(open);
    const { checkpoint } = open;
    if (section === undefined) {
      this.#other('status', () => checkpoint.status(this.#client.options()));
      return;
    }
    const floor = open.acknowledged.get(section) ?? '';
    this.#other(
      'read',
      () => checkpoint.read({ section }, this.#client.options()),
      (content) => this.#hasRead(section, content, floor),
    );
  }

  /** What was acknowledged before the read, or is later. */
  #hasRead(section: string, content: Buffer, floor: string): void {
    const { journal, process } = this.#client.parts;
    const token = content.toString('latin1', 0, TOKEN_LENGTH);
    const text = `a read of section '${section}' gives ${token}, older than ${floor}, which was acknowledged`;
    if (token < floor) journal.problems.push({ process, text });
  }

  #close(open: Open): void {
    this.open.delete(open);
    this.#other('close', () => open.checkpoint.close());
  }

  #watchOver(open: Open): void {
    this.#other('sections', async () => {
      for await (const _ of open.checkpoint.sections()) if (this.#client.isOver) break;
    });
  }

  /** What ends it sooner or later for all, or makes it usable. */
  #unsettle({ checkpoint, name }: Open): void {
    const { random } = this.#client.parts;
    const options = this.#client.options();
    const choice = random.below(4);
    if (choice === 0) this.#other('unlink', () => this.#client.connection.ckpt.unlink(name, options));
    else if (choice === 1) this.#other('retention', () => checkpoint.setRetentionDuration(random.below(200), options));
    else if (choice === 2) this.#other('active', () => checkpoint.setActiveReplica(options));
    else this.#other('synchronize', () => checkpoint.synchronize(options));
  }

  // --- parts of calls --------------------------------------------------------------------------------------------------------

  #section({ sections }: Open): string | undefined {
    return sections.length === 0 ? undefined : this.#client.parts.random.pick(sections);
  }

  #data(): { token: string; data: Buffer } {
    const { random, plan, journal } = this.#client.parts;
    const token = journal.newToken();
    const size = Math.round(random.logUniform(TOKEN_LENGTH, Math.max(TOKEN_LENGTH + 1, plan.bytes)));
    const data = Buffer.alloc(size, token);
    return { token, data };
  }

  /** In the time of this machine, whole. */
  #soon(): number {
    return this.#client.parts.wall() + this.#client.parts.random.between(1, 500);
  }

  #about({ name, attributes }: Open, what: 'create' | 'overwrite' | 'write' | 'delete' | 'expire', token: string) {
    return { what, token, name, isSafe: attributes.update === undefined, text: '' };
  }

  /** A handle that is bad is given up. */
  #follow(open: Open, about: Parameters<Client['follow']>[0], run: () => Promise<unknown>): void {
    this.#client.follow(about, async () => {
      try {
        await run();
        for (const { section, offset, data } of about.writes) {
          if (offset === 0 && data.length > 0) open.acknowledged.set(section, about.token);
        }
      } catch (error) {
        if ((error as { code?: string }).code === 'SA_AIS_ERR_BAD_HANDLE') this.open.delete(open);
        throw error;
      }
    });
  }

  #other<T>(text: string, run: () => Promise<T>, done?: (value: T) => void): void {
    this.#client.follow({ what: 'other', token: '', name: '', isSafe: false, text, writes: [] }, run, done);
  }
}

function write(section: string) {
  return { section, offset: 0, data: Buffer.alloc(0) };
}
