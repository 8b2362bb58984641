// A web application with an executive in its process: what is PUT to one node is there on all, and outlives each of them.
// node examples/embed/notes.mjs ADDRESS PORT
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { AisError } from 'openais';
import { Executive } from 'openais/executive';

const [address = '127.0.0.1', port = '8080'] = process.argv.slice(2);

const executive = await Executive.start({
  totem: { cluster_name: 'notes', keyfile: 'authkey', interface: [{ bindnetaddr: address }] },
  state: { dir: `state-${address}` },
  ipc: { socket: false },
});
const ais = await executive.connect({ defaultTimeout: 5000 });

const create = {
  checkpointSize: 1_000_000,
  retentionDuration: 60_000,
  maxSections: 100,
  maxSectionSize: 10_000,
  maxSectionIdSize: 100,
};
const open = () => ais.ckpt.open('notes', { create, read: true, write: true });
let notes = await open();

async function keep(section, data) {
  try {
    await notes.createSection({ id: section, data });
  } catch (error) {
    if (error.code !== 'SA_AIS_ERR_EXIST') throw error;
    await notes.overwrite({ section, data });
  }
}

async function answer(request) {
  const section = request.url.slice(1) || 'default';
  if (request.method === 'GET') return notes.read({ section });
  await keep(section, await buffer(request));
  return 'kept\n';
}

/** What a code of AIS is in HTTP; any other is 500. */
const STATUS = {
  SA_AIS_ERR_NOT_EXIST: 404,
  SA_AIS_ERR_NO_SPACE: 507,
  SA_AIS_ERR_TIMEOUT: 503,
  SA_AIS_ERR_BAD_HANDLE: 503,
};

const server = createServer(async (request, response) => {
  try {
    response.end(await answer(request));
  } catch (error) {
    // After a partition the notes of the other part may have won: this handle belongs to those that lost.
    if (AisError.is(error) && error.code === 'SA_AIS_ERR_BAD_HANDLE') notes = await open();
    response.writeHead(STATUS[error.code] ?? 500).end(`${error.message}\n`);
  }
});
server.listen(Number(port), address, () => console.log(`http://${address}:${server.address().port}`));

async function stop() {
  server.close();
  server.closeAllConnections();
  await ais.close();
  await executive.stop();
}
process.once('SIGTERM', stop).once('SIGINT', stop);

// The ring goes on without this node: whoever started this process starts it again.
const reason = await executive.closed;
if (reason) {
  console.error(reason);
  process.exit(1);
}
