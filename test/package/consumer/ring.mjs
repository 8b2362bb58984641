// An application: three executives in this process on 127.0.0.1 to 3 and the port that is named, and a client at the socket of the
// first one. All four say a word; prints what each of them has delivered, and the members that the client sees.
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'openais';
import { Executive } from 'openais/executive';

const port = Number(process.argv[2]);
const nodes = [1, 2, 3];
const address = (node) => `127.0.0.${node}`;
rmSync('authkey', { force: true });
writeFileSync('authkey', randomBytes(128), { mode: 0o400 });

const executives = await Promise.all(
  nodes.map((node) =>
    Executive.start({
      totem: {
        cluster_name: 'package',
        nodeid: node,
        keyfile: 'authkey',
        transport: 'udpu',
        interface: [{ bindnetaddr: address(node), mcastport: port }],
      },
      nodelist: { node: nodes.map((nodeid) => ({ nodeid, ring0_addr: address(nodeid) })) },
      state: { dir: `state${node}` },
      ipc: { socket: node === 1 ? 'ais.sock' : false },
    }),
  ),
);
const client = await connect({ socketPath: 'ais.sock' });

/** Joins the group. `together` is when all three executives are in one configuration, `heard` when there are four messages. */
async function join(ais) {
  const [together, heard] = [signal(), signal()];
  const messages = [];
  const session = await ais.evs.join(['room'], {
    configuration: ({ kind, members }) => {
      if (kind === 'regular' && members.length === nodes.length) together.give();
    },
    message: ({ data }) => {
      messages.push(data.toString());
      if (messages.length === nodes.length + 1) heard.give();
    },
  });
  return { session, messages, together: together.given, heard: heard.given };
}

function signal() {
  let give = () => {};
  const given = new Promise((resolve) => {
    give = resolve;
  });
  return { give, given };
}

const applications = [...(await Promise.all(executives.map((executive) => executive.connect()))), client];
const members = await Promise.all(applications.map(join));
await Promise.all(members.map(({ together }) => together));
await Promise.all(members.map(({ session }, index) => session.mcast(Buffer.from(`word ${index}`))));
await Promise.all(members.map(({ heard }) => heard));

let seen = [];
for await (const { nodes } of await client.clm.track({ current: true })) {
  seen = nodes.filter(({ member }) => member).map(({ nodeId }) => nodeId);
  break;
}
await client.close();
await Promise.all(executives.map((executive) => executive.stop()));
process.stdout.write(JSON.stringify({ delivered: members.map(({ messages }) => messages), seen }));
