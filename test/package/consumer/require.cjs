// What each entry gives to `require`, as JSON, and whether it is the same.
const entries = ['openais', 'openais/executive', 'openais/sim'];

Promise.all(entries.map((entry) => import(entry))).then((imported) => {
  const names = entries.map((entry, index) => {
    const required = require(entry);
    const same = (name) => required[name] === imported[index][name];
    return Object.keys(required).filter(same).sort();
  });
  process.stdout.write(JSON.stringify(names));
});
