/** The entry `openais`: what users of the services import. Needs no native code. */
export { AisError, type AisErrorCode } from './ais-error.js';
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
export type { OtherService } from './client/other-service.js';
export type { Ais, ConnectOptions, ServiceName, WaitOptions } from './client/types.js';
