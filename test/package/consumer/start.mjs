// What an executive says that cannot be started.
import { Executive } from 'openais/executive';

const totem = { cluster_name: 'alone', keyfile: 'key', interface: [{ bindnetaddr: '127.0.0.1' }] };
const error = await Executive.start({ totem, state: { dir: 'state' }, ipc: { socket: false } }).catch(
  (reason) => reason,
);
process.stdout.write(`${error.code}: ${error.message}`);
