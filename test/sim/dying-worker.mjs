/** A child that dies in the middle of some seeds, as an engine with a bug would. */
process.on('message', ({ seeds }) => {
  for (const seed of seeds) {
    process.send({ begins: seed }, () => {
      if (seed % 6 === 1) process.kill(process.pid, 'SIGKILL');
    });
    if (seed % 6 === 1) return;
    const report = {
      seed,
      live: true,
      nodes: 2,
      findings: [],
      predicates: [],
      end: 1,
      delivered: 1,
      configurations: 1,
    };
    process.send({ report });
  }
});
