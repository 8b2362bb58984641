// A client of the socket that is named: says something to itself, and prints what it has heard and where.
import { connect } from 'openais';

const ais = await connect({ socketPath: process.argv[2] });
const heard = await new Promise((resolve, reject) => {
  const message = ({ data }) => resolve(data.toString());
  ais.evs.join(['room'], { message }).then((session) => session.mcast(Buffer.from('hello')), reject);
});
process.stdout.write(JSON.stringify({ node: ais.nodeId, heard }));
await ais.close();
