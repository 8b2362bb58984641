// As types.mts, by require().
import openais = require('openais');
import executive = require('openais/executive');
import sim = require('openais/sim');

const config: executive.ExecutiveConfig = {
  totem: { cluster_name: 'types', interface: [{ bindnetaddr: '127.0.0.1' }] },
};

async function application(): Promise<openais.Ais> {
  const started: executive.Executive = await executive.Executive.start(config);
  // @ts-expect-error It is a number.
  const name: string = started.nodeId;
  return name === '' ? openais.connect() : started.connect();
}

const isOurs = (error: unknown): error is openais.AisError => openais.AisError.is(error);

export = { application, isOurs, run: sim.runSeed };
