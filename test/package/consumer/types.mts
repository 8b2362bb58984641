// Compiled, not run: that types are found, and that they are not `any`.
import { type Ais, AisError, connect, type Message } from 'openais';
import { Executive, type ExecutiveConfig, type ServiceDefinition } from 'openais/executive';
import { runSeed, type SeedResult } from 'openais/sim';

const config: ExecutiveConfig = { totem: { cluster_name: 'types', interface: [{ bindnetaddr: '127.0.0.1' }] } };
// @ts-expect-error There is no such key.
const wrong: ExecutiveConfig = { totem: { cluster: 'types' } };

export async function application(services: readonly ServiceDefinition[]): Promise<number> {
  const executive: Executive = await Executive.start(config, { services });
  const ais: Ais = await executive.connect();
  const other: Ais = await connect({ socketPath: '/run/ais/ais.sock' });
  const session = await ais.evs.join(['room'], { message: ({ sender }: Message) => sender });
  // @ts-expect-error A message is bytes.
  session.send(1);
  await other.close();
  return executive.nodeId;
}

export const isOurs = (error: unknown) => AisError.is(error) && error.code === 'SA_AIS_ERR_EXIST';
export const simulate: (...input: Parameters<typeof runSeed>) => SeedResult | Promise<SeedResult> = runSeed;
export { wrong };
