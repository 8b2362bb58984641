/** The entry `openais/executive`: an executive inside this process. Needs the native addon. */

/** What services of third parties are made of. */
export { BodyError, BodyReader, BodyWriter } from '../ipc/body.js';
export { Executive, type StartOptions } from './executive.js';
export type {
  Component,
  ExecutiveHandler,
  ExecutiveMessage,
  LibraryConnection,
  LibraryHandler,
  LibraryRequest,
  Outcome,
  Replica,
  ServiceConfiguration,
  ServiceContext,
  ShadowState,
} from './service.js';
export { CHUNK_MAX, failure, OK, success } from './service.js';
export type {
  Check,
  ExecutiveConfig,
  Health,
  Logger,
  Overview,
  Reload,
  ServiceDefinition,
  Status,
  TotemConfig,
} from './types.js';
