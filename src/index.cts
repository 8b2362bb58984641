/** @ts-ignore An older `--module` takes no ES module here; from Node 20.19 on, require() does. */
export * from './index.js';
