// A client that opens a checkpoint and holds it, until it is killed: node client-process.mjs SOCKET
import { connect } from '../../../dist/index.js';

const ais = await connect({ socketPath: process.argv[2] });
const create = {
  checkpointSize: 1000,
  retentionDuration: Number.POSITIVE_INFINITY,
  maxSections: 10,
  maxSectionSize: 100,
  maxSectionIdSize: 10,
};
await ais.ckpt.open('held', { create, read: true });
process.stdout.write('open\n');
await ais.closed;
