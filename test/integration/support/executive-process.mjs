// An executive in a process of its own, until it is killed: node executive-process.mjs CONFIG_AS_JSON [MODULE_WITH_SERVICES]
import { Executive } from '../../../dist/executive/index.js';

const [text = '{}', path] = process.argv.slice(2);
const services = path === undefined ? [] : (await import(path)).services;
const executive = await Executive.start(JSON.parse(text), { services });
await executive.closed;
