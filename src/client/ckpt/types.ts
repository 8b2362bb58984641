/** CKPT: checkpoints, as users see them. */
import type { WaitOptions } from '../types.js';

/** What a checkpoint is made with; retentionDuration alone can change. */
export interface CheckpointAttributes {
  /** 'all-replicas' (default): a change is multicast safe, and acknowledged when every member of the configuration holds it (if a
   *  configuration change comes between: once its synchronisation is committed). An acknowledged change survives as long as one
   *  member of that configuration does. 'active-replica': multicast agreed; an acknowledged change can be lost with the node
   *  that acknowledged it. 'active-replica-weak': as that. */
  update?: 'all-replicas' | 'active-replica' | 'active-replica-weak';
  /** With an asynchronous update option: a node has to be made the active replica before the checkpoint can be used. */
  collocated?: boolean;
  /** Bytes, at most maxSections * maxSectionSize; what sections may hold together. */
  checkpointSize: number;
  /** Milliseconds for which it stays when nobody has it open. */
  retentionDuration: number;
  maxSections: number;
  maxSectionSize: number;
  maxSectionIdSize: number;
}

/** Bytes; a string is its UTF-8. */
export type SectionId = string | Uint8Array;

/** A section, as sections() tells it. */
export interface SectionDescriptor {
  id: Buffer;
  /** Milliseconds since the Unix epoch; Infinity: never. */
  expirationTime: number;
  size: number;
  state: 'valid' | 'corrupted';
  /** When data was last written, in the time of the cluster. */
  lastUpdate: number;
}

/** `section` left out, '' or empty is the default section of a checkpoint with maxSections 1. */
export interface WriteElement {
  section?: SectionId;
  data: Uint8Array;
  offset?: number;
}

/** What to read. `section` left out is the default section. */
export interface ReadElement {
  section?: SectionId;
  offset?: number;
  /** Default: to the end of the section. */
  length?: number;
}

/** What watch() tells. */
export interface SectionChange {
  section: Buffer;
  kind: 'created' | 'written' | 'deleted' | 'expired';
}

/** `read` and `write`: what the handle may do. */
export interface OpenOptions extends WaitOptions {
  create?: CheckpointAttributes;
  read?: boolean;
  write?: boolean;
}

/** What createSection() makes. */
export interface NewSection {
  id?: SectionId;
  data?: Uint8Array;
  /** Milliseconds since the Unix epoch. Default Infinity. */
  expirationTime?: number;
}

/** Which sections are told, by their expiration time. */
export type SectionFilter =
  | { chosen: 'any' | 'forever' | 'corrupted' }
  | { chosen: 'leq' | 'geq'; expirationTime: number };

/** What status() tells. */
export interface CheckpointStatus {
  attributes: Required<CheckpointAttributes>;
  numberOfSections: number;
  /** Bytes in sections. */
  memoryUsed: number;
}

/** A checkpoint, as list() tells it. */
export interface CheckpointEntry extends CheckpointStatus {
  name: string;
  openers: number;
}

/** Checkpoints: named memory that every member of the cluster holds. */
export interface Ckpt {
  readonly limits: Readonly<{ maxSectionSize: number; maxCheckpoints: number; maxSectionIdSize: number }>;
  /** With `create` a missing checkpoint is made; an existing one is opened if its attributes are equal, retention aside. */
  open(name: string, options: OpenOptions): Promise<Checkpoint>;
  unlink(name: string, options?: WaitOptions): Promise<void>;
  /** Those that are not unlinked. */
  list(options?: WaitOptions): AsyncIterable<CheckpointEntry>;
}

/** A checkpoint that is open. Deadlines (section expiry, retention) are compared with the time of the cluster, which ordered
 *  messages carry forward and which never goes back; an expiry is itself an ordered operation. After a merge of two components
 *  that both changed a checkpoint one of them wins by the documented rule; handles of the loser fail with SA_AIS_ERR_BAD_HANDLE:
 *  open again. */
export interface Checkpoint extends AsyncDisposable {
  readonly name: string;
  /** Without an id one is generated. Resolves with the id. */
  createSection(section: NewSection, options?: WaitOptions): Promise<Buffer>;
  deleteSection(id: SectionId, options?: WaitOptions): Promise<void>;
  setSectionExpirationTime(id: SectionId, time: number, options?: WaitOptions): Promise<void>;
  /** The sections that existed at the call, read in pages; one deleted since through this connection is not given. */
  sections(filter?: SectionFilter): AsyncIterable<SectionDescriptor>;
  /** One ordered operation: all elements are applied, or none; AisError.index names the first bad one. */
  write(elements: WriteElement | readonly WriteElement[], options?: WaitOptions): Promise<void>;
  overwrite(element: { section?: SectionId; data: Uint8Array }, options?: WaitOptions): Promise<void>;
  /** Sees every write that was acknowledged anywhere before the call. A vector of more than 1 MiB is read in several steps. */
  read(elements: readonly ReadElement[], options?: WaitOptions): Promise<Buffer[]>;
  read(element: ReadElement, options?: WaitOptions): Promise<Buffer>;
  /** Into the caller's memory; resolves with the number of bytes. */
  readInto(element: ReadElement, target: Uint8Array, options?: WaitOptions): Promise<number>;
  /** Changes of this checkpoint from now on, in order, wherever they were made. */
  watch(options?: WaitOptions): Promise<AsyncIterable<SectionChange> & AsyncDisposable>;
  synchronize(options?: WaitOptions): Promise<void>;
  setActiveReplica(options?: WaitOptions): Promise<void>;
  setRetentionDuration(duration: number, options?: WaitOptions): Promise<void>;
  status(options?: WaitOptions): Promise<CheckpointStatus>;
  close(): Promise<void>;
}
