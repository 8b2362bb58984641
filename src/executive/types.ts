/** What embedders of an executive see beside the class. */
export type { ExecutiveConfig, TotemConfig } from '../config/index.js';
export type { Check, Health } from '../observe/health.js';
export type { Logger } from '../observe/log.js';
export type { Overview, Status } from '../observe/status.js';
export type { Reload } from './reload.js';

/** A service of a third party: handlers and replicated state, registered when the executive starts, the same on all nodes. */
export type { Service as ServiceDefinition } from './service.js';
