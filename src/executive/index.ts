/** The entry `openais/executive`: an executive inside this process. Needs the native addon. */
export { Executive, type StartOptions } from './executive.js';
export type { ExecutiveConfig, Logger, ServiceDefinition, Status, TotemConfig } from './types.js';
