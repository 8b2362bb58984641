// Everybody in the room sees who comes and goes, and every line in the same order: node examples/hello/hello.mjs ADDRESS
import { Executive } from 'openais/executive';

const address = process.argv[2] ?? '127.0.0.1';
const executive = await Executive.start({
  totem: { cluster_name: 'hello', keyfile: 'authkey', interface: [{ bindnetaddr: address }] },
  state: { dir: `state-${address}` },
  ipc: { socket: false },
});
const ais = await executive.connect();
const room = await ais.evs.join(['room'], {
  configuration: ({ kind, members }) => console.log(`${kind}: ${members.join(', ')}`),
  message: ({ sender, data }) => console.log(`${sender}: ${data.toString().trim()}`),
});

for await (const line of process.stdin) await room.mcast(line);
await room.flush();
await executive.stop();
