/** The services of an executive, and what they take from its configuration. */
import { hostname, uptime } from 'node:os';
import { aisError } from '../ais-error.js';
import type { ResolvedConfig } from '../config/index.js';
import { FIRST_OTHER_SERVICE } from '../ipc/link.js';
import type { ServiceStatus } from '../observe/status.js';
import { CkptService } from '../services/ckpt/service.js';
import { ClmService } from '../services/clm/service.js';
import { EvtService, type QueueSettings } from '../services/evt/service.js';
import type { QuorumOptions } from './manager/votes.js';
import type { Service } from './service.js';
import type { ServiceDefinition } from './types.js';

const LAST_SERVICE = 255;

/** @throws {AisError} SA_AIS_ERR_INVALID_PARAM: a service of a third party is none, or its id or number is taken. */
export function allServices(config: ResolvedConfig, others: readonly ServiceDefinition[]): readonly Service[] {
  const services: Service[] = [new ClmService(ownNode(config)), new CkptService(), new EvtService(eventQueue(config))];
  for (const other of others) {
    check(other, services);
    services.push(other);
  }
  return services;
}

/** What may change while they run. */
export function reconfigure(services: Iterable<Service>, config: ResolvedConfig): void {
  for (const service of services) if (service instanceof EvtService) service.setQueue(eventQueue(config));
}

function eventQueue({ event }: ResolvedConfig): QueueSettings {
  return { size: event.deliveryQueueSize, resume: event.deliveryQueueResume };
}

/** What services say of themselves. */
export function countsOf(services: Iterable<Service>): ServiceStatus[] {
  return Array.from(services, (service) => ({ ...named(service), ...service.status?.() }));
}

/** And the digests of what they hold, for which a service may have to look at all of it. Equal digests: equal replicated state. */
export function countsAndDigestsOf(services: Iterable<Service>): ServiceStatus[] {
  return Array.from(services, (service) => {
    const digest = service.replica?.digest();
    const held = digest === undefined ? {} : { digest: Buffer.from(digest).toString('hex') };
    return { ...named(service), ...held, ...service.status?.() };
  });
}

function named({ id, number }: Service): ServiceStatus {
  return { id, number };
}

/** Without a section `quorum` every component is primary. */
export function quorumOptions({ quorum, nodes }: ResolvedConfig): QuorumOptions | undefined {
  if (quorum === undefined) return undefined;
  return { ...quorum, votes: new Map(nodes.map(({ nodeId, votes }) => [nodeId, votes])) };
}

function ownNode({ nodeId, nodes, links }: ResolvedConfig) {
  const { address } = links[0]!;
  return {
    name: nodes.find((node) => node.nodeId === nodeId)?.name ?? hostname(),
    address,
    family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
    bootTimestamp: Math.round(Date.now() - 1000 * uptime()),
  };
}

function check({ id, number, library, executive, start }: ServiceDefinition, known: readonly Service[]): void {
  const invalid = (what: string) => aisError('SA_AIS_ERR_INVALID_PARAM', 'executive.start', what);
  if (typeof id !== 'string' || id === '') throw invalid('the id of a service must be a text');
  const isHandler = typeof library === 'object' && typeof executive === 'object' && typeof start === 'function';
  if (!isHandler) throw invalid(`service '${id}' lacks handlers or start()`);
  if (!Number.isInteger(number) || number < FIRST_OTHER_SERVICE || number > LAST_SERVICE)
    throw invalid(`the number of service '${id}' must be from ${FIRST_OTHER_SERVICE} to ${LAST_SERVICE}`);
  const taken = known.find((other) => other.id === id || other.number === number);
  if (taken !== undefined) throw invalid(`service '${id}' has the id or number of service '${taken.id}'`);
}
