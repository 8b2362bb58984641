/** `openais/sim`: the simulator for those who want to check ideas of their own on the production ring. */
export type { Action, TimedAction } from './actions.js';
export type * from './checker/history.js';
export { check, formatViolation } from './checker/index.js';
export type * from './checker/trace.js';
export { Cluster, type ClusterPlan } from './cluster.js';
export { plainCluster, plainMachine, plainProcess, QUIET_LINK, TRICKLE } from './defaults.js';
export type { MachinePlan } from './machine.js';
export type { LinkQuality } from './network.js';
export type { Observer } from './observer.js';
export { type DrawOptions, drawPlan, type SeedPlan } from './plan.js';
export type { ProcessPlan } from './process.js';
export { type Finding, formatFinding } from './report.js';
export { runPlan, runSeed, type SeedResult } from './run-seed.js';
export { formatScenario, parseScenario, type Scenario } from './scenario/parse.js';
export { runScenario, type ScenarioResult } from './scenario/run.js';
export { MICROSECOND, MILLISECOND, SECOND } from './time.js';
export { type TraceOptions, traceObserver } from './trace-lines.js';
export type { WorkloadPlan } from './workload.js';
