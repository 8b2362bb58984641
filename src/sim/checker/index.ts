export { check, formatViolation } from './check.js';
export type * from './history.js';
export type * from './trace.js';
