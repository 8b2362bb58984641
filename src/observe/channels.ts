/**
 * Hooks for those who trace: channels of node:diagnostics_channel, with what is published on each. Nothing is made for a channel
 * that nobody subscribed to. docs/DAEMON.md lists them; a test compares.
 */
import { type Channel, channel } from 'node:diagnostics_channel';

/** Every message names the node whose executive speaks: several may live in one process. */
export interface ChannelMessages {
  /** Membership went from one state to another. */
  'openais:membership': { readonly from: string; readonly to: string; readonly reason: string };
  /** A configuration was delivered. */
  'openais:configuration': {
    readonly kind: 'regular' | 'transitional';
    readonly id: string;
    readonly members: readonly number[];
    readonly joined: readonly number[];
    readonly left: readonly number[];
  };
  /** Services have the state of the configuration. */
  'openais:synchronized': { readonly id: string; readonly primary: boolean };
  /** The configuration file was read again. */
  'openais:reload': { readonly applied: readonly string[]; readonly restart: readonly string[] };
  /** The flight recorder was written out. */
  'openais:flight': { readonly file: string; readonly records: number };
  /** The executive has ended; without a reason after stop(). */
  'openais:end': { readonly reason?: Error };
}

export type ChannelName = keyof ChannelMessages;

/** A channel is kept as long as somebody holds it: hence the table. */
const channels: Record<ChannelName, Channel> = {
  'openais:membership': channel('openais:membership'),
  'openais:configuration': channel('openais:configuration'),
  'openais:synchronized': channel('openais:synchronized'),
  'openais:reload': channel('openais:reload'),
  'openais:flight': channel('openais:flight'),
  'openais:end': channel('openais:end'),
};

export const channelNames = Object.keys(channels) as ChannelName[];

export function publish<Name extends ChannelName>(name: Name, node: number, message: ChannelMessages[Name]): void {
  const target = channels[name];
  if (target.hasSubscribers) target.publish({ node, ...message });
}
