/** What the demo's first process and its branches say to each other, over the channel of child_process. */
import type { Batch } from './dealer.js';

export type ToBranch =
  /** Multicast that the bank opens. */
  | { readonly type: 'open' }
  | { readonly type: 'batch'; readonly batch: Batch }
  /** Multicast that nothing follows. */
  | { readonly type: 'close' }
  | { readonly type: 'stop' };

export interface AccountReport {
  readonly account: string;
  /** What each branch holds of it, in cents. */
  readonly holdings: readonly (readonly [branch: number, cents: number])[];
}

export interface Report {
  readonly accounts: readonly AccountReport[];
  readonly deposits: number;
  readonly total: number;
  readonly hash: string;
  /** Deposit messages delivered here, and the seconds from the first to the last. */
  readonly messages: number;
  readonly seconds: number;
}

export type FromBranch =
  /** The executive runs. `scheduling` and offload as the system granted them. */
  | { readonly type: 'started' }
  | {
      readonly type: 'configuration';
      readonly kind: 'regular' | 'transitional';
      readonly id: string;
      readonly members: readonly number[];
    }
  | { readonly type: 'books'; readonly isOpen: boolean }
  | { readonly type: 'answer'; readonly batch: number; readonly isSettled: boolean }
  /** Messages delivered so far. */
  | { readonly type: 'progress'; readonly messages: number }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'failed'; readonly message: string };
