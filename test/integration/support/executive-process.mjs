// An executive in a process of its own, until it is killed: node executive-process.mjs CONFIG_AS_JSON
import { Executive } from '../../../dist/executive/index.js';

const [text = '{}'] = process.argv.slice(2);
const executive = await Executive.start(JSON.parse(text));
await executive.closed;
