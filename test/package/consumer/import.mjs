// What each entry gives to `import`, as JSON. The client has to work where there is no addon at all.
import * as client from 'openais';
import * as executive from 'openais/executive';
import * as sim from 'openais/sim';

process.stdout.write(JSON.stringify([client, executive, sim].map((entry) => Object.keys(entry).sort())));
