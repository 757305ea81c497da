import { expect, test } from 'vitest';
import { importState, type StateExport } from '../../src/engine/state/documents.js';
import { RUN_INDEX } from '../../src/state/backend/state-backend.js';
import { asGitLab, asTerraform, httpPlace } from '../state/backend/http-place.js';

const pulled: StateExport = {
  format_version: '1.0',
  lineage: 'acme-1',
  documents: [
    { kind: 'vms', name: 'a', document: { n: 1 } },
    { kind: 'vms', name: 'b', document: { n: 2 } },
    { kind: 'machine-types', name: 'cloud', document: { n: 3 } },
    { ...RUN_INDEX, document: { n: 4 } },
  ],
};

test.each([
  ['GitLab', asGitLab],
  ['Terraform', asTerraform],
])(
  '%s: while a state is pushed, which may take minutes, runs note what they do without waiting for it',
  async (_name, dialect) => {
    const place = await httpPlace(dialect);
    const [pushing, noting] = [await place.open(), await place.open()];
    await noting.prepare('acme-1');
    await noting.document(RUN_INDEX).edit(() => '{"n": 0}');
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => (goOn = resolve));
    // The first one says who has the lock.
    place.server.control.addFault({ method: 'POST', path: /vm-b(\?|$)/, nth: 2, do: { until } });
    const push = importState(pushing, pulled, { force: true, now: new Date() });
    await expect.poll(() => place.server.control.state(place.nameOf({ kind: 'vms', of: 'a' }))?.body ?? '').toContain('"n":1');
    await noting.document(RUN_INDEX).edit((text) => JSON.stringify({ ...JSON.parse(text ?? '{}'), noted: true }));
    goOn();
    await push;
    const looking = await place.open();
    for (const { document, ...of } of pulled.documents)
      expect(JSON.parse((await looking.document(of).read())!)).toEqual(document);
  },
);
