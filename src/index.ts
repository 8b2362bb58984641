/** The entry `openais`: what users of the services import. Needs no native code. */
export { AisError, type AisErrorCode } from './ais-error.js';
export type {
  Checkpoint,
  CheckpointAttributes,
  CheckpointEntry,
  CheckpointStatus,
  Ckpt,
  NewSection,
  OpenOptions,
  ReadElement,
  SectionChange,
  SectionDescriptor,
  SectionFilter,
  SectionId,
  WriteElement,
} from './client/ckpt/types.js';
export type { Clm, ClmTrack, ClusterChange, ClusterNode } from './client/clm/types.js';
export { connect } from './client/connect.js';
export type {
  Configuration,
  Evs,
  EvsBatchHandler,
  EvsHandlers,
  EvsSession,
  EvsStream,
  GroupName,
  Guarantee,
  JoinOptions,
  Message,
  Priority,
  Route,
  RouteOptions,
} from './client/evs/types.js';
export type {
  ChannelEvent,
  EventAttributes,
  EventChannel,
  EventStream,
  Evt,
  Filter,
  Pattern,
  Subscription,
} from './client/evt/types.js';
export type { Ais, ConnectOptions, ServiceName, WaitOptions } from './client/types.js';
