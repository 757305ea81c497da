import { describe, expect, test } from 'vitest';
import type { StateServerOptions } from '../../../lab/state-server/index.js';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { Secret } from '../../../src/host/secret.js';
import type { DocumentName } from '../../../src/state/backend/state-backend.js';
import { LockHeldError } from '../../../src/state/lock.js';
import { asGitLab, asTerraform, type HttpPlace, httpPlace, TOKEN } from './http-place.js';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const web: DocumentName = { kind: 'vms', name: 'web01' };
const WEB = { kind: 'vms', of: 'web01' } as const;
const STATE = /vm-web01(\?|$)/;
const LOCK = /vm-web01(\/lock)?(\?|$)/;

const dialects: [string, StateServerOptions][] = [
  ['GitLab', asGitLab],
  ['Terraform', asTerraform],
];
const methods = (options: StateServerOptions) =>
  options.dialect === 'gitlab'
    ? { lock: 'POST', unlock: 'DELETE', path: /vm-web01\/lock/ }
    : { lock: 'LOCK', unlock: 'UNLOCK', path: LOCK };

const failureOf = (work: Promise<unknown>): Promise<DiagnosticsError> =>
  work.then(
    () => expect.fail('it was done'),
    (error: unknown) => {
      expect(error, String((error as Error).stack)).toBeInstanceOf(DiagnosticsError);
      return error as DiagnosticsError;
    },
  );
const told = ({ diagnostics }: DiagnosticsError): string =>
  diagnostics.map(({ code, detail, nextSteps = [] }) => [code, detail, ...nextSteps].join(' | ')).join('\n');

async function written(options: StateServerOptions, text = '{"n":1}'): Promise<HttpPlace> {
  const place = await httpPlace(options);
  const backend = await place.open();
  await backend.prepare();
  await backend.document(web).write(text);
  return place;
}
const bodyOf = (place: HttpPlace) => place.server.control.state(place.nameOf(WEB))?.body;
const documentOf = (place: HttpPlace): unknown => JSON.parse(bodyOf(place) ?? '{}').document;

describe.each(dialects)('%s: answers that are lost', (_name, options) => {
  test.each([
    ['cut', { drop: true }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
    ['500', { status: 500 }],
    ['204', { status: 204 }],
  ] as const)('of a write (%s): what stands there is looked up, and it is written once', async (_how, effect) => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    const before = place.server.control.state(place.nameOf(WEB))!.versions.length;
    place.server.control.addFault({ method: 'POST', path: STATE, nth: 1, when: 'after', do: effect });
    await backend.document(web).write('{"n":2}');
    expect(documentOf(place)).toEqual({ n: 2 });
    expect(place.server.control.state(place.nameOf(WEB))!.versions).toHaveLength(before + 1);
  });

  test.each([
    ['cut', { drop: true }],
    ['503', { status: 503 }],
    ['429', { status: 429, headers: { 'Retry-After': '3' } }],
  ] as const)('of a write that was not done (%s): it is sent again', async (_how, effect) => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    place.server.control.addFault({ method: 'POST', path: STATE, times: 2, do: effect });
    await backend.document(web).write('{"n":2}');
    expect(documentOf(place)).toEqual({ n: 2 });
  });

  test('a write that meets 500 is not repeated, and stays undone', async () => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    place.server.log.clear();
    place.server.control.addFault({ method: 'POST', path: /vm-web01\?ID/, do: { status: 500 } });
    expect(told(await failureOf(backend.document(web).write('{"n":2}')))).toMatch(/^MP3033 .*HTTP 500/);
    expect(place.server.log.counted({ method: 'POST', path: /vm-web01\?ID/ })).toBe(1);
    expect(documentOf(place)).toEqual({ n: 1 });
    place.server.control.clearFaults();
  });

  test('of locking: the own id in the refusal is our lock', async () => {
    const place = await written(options);
    const { lock: method, path } = methods(options);
    place.server.control.addFault({ method, path, nth: 1, when: 'after', do: { drop: true } });
    const backend = await place.open();
    const lock = await backend.lock(web).take('apply run1', NOW);
    expect(place.server.control.state(place.nameOf(WEB))?.lock?.ID).toBe(lock.holder.id);
    await lock[Symbol.asyncDispose]();
    expect(place.server.control.state(place.nameOf(WEB))?.lock).toBeUndefined();
  });

  test('of unlocking: the second try is done, whatever it is answered', async () => {
    const place = await written(options);
    const { unlock: method, path } = methods(options);
    const backend = await place.open();
    const lock = await backend.lock(web).take('apply run1', NOW);
    place.server.control.addFault({ method, path, nth: 1, when: 'after', do: { drop: true } });
    await lock[Symbol.asyncDispose]();
    expect(place.server.control.state(place.nameOf(WEB))?.lock).toBeUndefined();
  });

  test('a lock that cannot be given back ends nothing else; whoever comes next is told of it', async () => {
    const place = await written(options);
    const { unlock: method, path } = methods(options);
    const backend = await place.open();
    const lock = await backend.lock(web).take('apply run1', NOW);
    place.server.control.addFault({ method, path, do: { status: 401 } });
    await lock[Symbol.asyncDispose]();
    place.server.control.clearFaults();
    await expect((await place.open()).lock(web).take('apply run2', NOW)).rejects.toMatchObject({ id: lock.holder.id });
  });
});

describe.each(dialects)('%s: what is no answer of a server of states', (_name, options) => {
  test.each<[string, object, RegExp]>([
    [
      '404 of an unseen project',
      { status: 404, body: '{"message":"404 Project Not Found"}' },
      /^MP3033 .*Project Not Found.*access/,
    ],
    ['404 of a router', { status: 404, body: '{"error":"404 Not Found"}' }, /^MP3033 .*404.*address/],
    [
      '404 page of a proxy',
      { status: 404, body: '<html>no</html>', headers: { 'Content-Type': 'text/html' } },
      /^MP3033 .*web page/,
    ],
    ['login page', { status: 200, body: ' <!DOCTYPE html><title>Sign in</title>' }, /^MP3033 .*web page.*login page/],
    ['null', { status: 200, body: 'null' }, /^MP3013 .*something else/],
    ['list', { status: 200, body: '[]' }, /^MP3013 .*something else/],
    [
      'state of Terraform',
      { status: 200, body: '{"version":4,"serial":3,"lineage":"x","resources":[]}' },
      /^MP3013 .*something else/,
    ],
    [
      'another state of ours',
      { status: 200, body: '{"version":1,"serial":3,"lineage":"x","migplan":{"kind":"vms","of":"b"}}' },
      /^MP3013 .*vms\/web01/,
    ],
    [
      'no serial',
      { status: 200, body: '{"version":1,"lineage":"x","migplan":{"kind":"vms","of":"web01"}}' },
      /^MP3013 .*damaged/,
    ],
    ['half of it', { shortBytes: 20 }, /^MP3013 .*(not all|Content-MD5)/],
    ['cut', { truncateBytes: 20 }, /^MP3033 .*cannot be reached/],
    ['another MD5', { status: 200, body: '{}', headers: { 'Content-MD5': 'AAAA' } }, /^MP3013 .*Content-MD5/],
    ['401', { status: 401 }, /^MP3033 .*401.*spec\.state/],
    ['403', { status: 403 }, /^MP3033 .*403.*Maintainer/],
    [
      '301',
      { status: 301, headers: { Location: 'https://u:hunter22@other.example/x?t=1' } },
      /^MP3033 .*301.*https:\/\/other\.example\/x$/,
    ],
    ['308', { status: 308, headers: { Location: '/x' } }, /^MP3033 .*308.*\/x$/],
    ['500', { status: 500, body: 'ab\u001b[31m' }, /^MP3033 .*500.*ab\\u\{1b\}/],
  ])('%s: it is an error, and nothing is written over what stands there', async (_what, effect, expected) => {
    const place = await written(options);
    const before = bodyOf(place);
    const backend = await place.open();
    place.server.control.addFault({ method: 'GET', path: STATE, do: effect as { status: number } });
    for (const work of [() => backend.document(web).read(), () => backend.document(web).write('{"n":2}')]) {
      const said = told(await failureOf(work()));
      expect(said).toMatch(expected);
      expect(said).not.toContain('hunter22');
    }
    expect(bodyOf(place)).toBe(before);
    expect(place.server.control.state(place.nameOf(WEB))?.lock).toBeUndefined();
  });

  test('a server that gives every lock to everybody is refused before anything is written', async () => {
    const place = await httpPlace(options);
    const { lock: method } = methods(options);
    place.server.control.addFault({ method, path: /project/, do: { status: 200 } });
    const backend = await place.open();
    expect(told(await failureOf(backend.prepare()))).toMatch(/^MP3033 .*keeps no locks.*lockAddress/);
    expect(await backend.lineage()).toBe('');
  });

  test.each([404, 405, 501, 201, 204, 400])(
    'HTTP %i at locking: an error, nothing is done without, nothing stays held',
    async (status) => {
      const place = await written(options);
      const { lock: method, path } = methods(options);
      place.server.control.addFault({ method, path, when: 'after', do: { status } });
      const backend = await place.open();
      expect(told(await failureOf(backend.lock(web).take('apply run1', NOW)))).toMatch(
        new RegExp(`^MP3033 .*HTTP ${status} to locking`),
      );
      expect(place.server.control.state(place.nameOf(WEB))?.lock).toBeUndefined();
      expect(documentOf(place)).toEqual({ n: 1 });
    },
  );

  test.each(
    [409, 423].flatMap((status) =>
      ['', '{}', 'null', '<html>', '{"ID":7}', '[]', '{"ID":"x","Who":"\\u001b[2Jsomebody"}'].map((body) => ({ status, body })),
    ),
  )('a lock that is refused with $status $body is held by somebody', async ({ status, body }) => {
    const place = await written(options);
    const { lock: method, path } = methods(options);
    place.server.control.addFault({ method, path, do: { status, body } });
    const backend = await place.open();
    const error = await backend
      .lock(web)
      .take('apply run1', NOW)
      .then(
        () => undefined,
        (refused: unknown) => refused,
      );
    expect(error).toBeInstanceOf(LockHeldError);
    expect((error as LockHeldError).message).toMatch(
      body.includes('Who') ? /held by \\u\{1b\}\[2Jsomebody$/ : /held by someone unknown$/,
    );
  });
});

describe.each(dialects)('%s: who has the lock', (_name, options) => {
  test('stolen between two writes: the late one is refused, and what the thief wrote stays', async () => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    place.server.control.addFault({
      method: 'POST',
      path: /vm-web01\?ID/,
      nth: 1,
      do: { stealLock: { ID: 'thief', Who: 'thief' } },
    });
    expect(told(await failureOf(backend.document(web).write('{"n":2}')))).toMatch(/^MP3032 /);
    expect(documentOf(place)).toEqual({ n: 1 });
    expect(place.server.control.state(place.nameOf(WEB))?.lock?.ID).toBe('thief');
  });

  test('the server lost all: the next write is refused', async () => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    place.server.control.forget();
    expect(told(await failureOf(backend.document(web).write('{"n":2}')))).toMatch(/^MP3032 /);
    expect(bodyOf(place)).toBeUndefined();
  });

  test('by force only the lock that was shown is taken; one that changed meanwhile stays', async () => {
    const place = await written(options);
    const mine = await place.open();
    const lock = await mine.lock(web).take('apply run1', NOW);
    place.server.control.stealLock(place.nameOf(WEB), { ID: 'thief', Who: 'thief' });
    expect(await mine.breakLock(web, lock.holder.id)).toBe(false);
    const { unlock: method } = methods(options);
    expect(place.server.log.counted({ method, path: new RegExp(lock.holder.id) }), 'nobody is asked to free it').toBe(0);
    expect(place.server.control.state(place.nameOf(WEB))?.lock?.ID).toBe('thief');
    expect(await mine.breakLock(web, 'thief')).toBe(true);
    expect(place.server.control.state(place.nameOf(WEB))?.lock).toBeUndefined();
    expect(
      place.server.log.counted({ method: methods(options).unlock, path: /vm-web01(\/lock)?$/ }),
      'unlocked without an id',
    ).toBe(0);
  });

  test('the index locked by one who died is freed after a while; that of a VM never', async () => {
    const place = await written(options);
    place.server.control.stealLock('waves__index', { ID: 'dead' });
    const backend = await place.open();
    await backend.document({ kind: 'vms', name: 'web02' }).write('{}');
    expect(await backend.list('vms')).toEqual(['web01', 'web02']);
    place.server.control.stealLock(place.nameOf(WEB), { ID: 'other', Who: 'other' });
    expect(told(await failureOf(backend.document(web).write('{"n":2}')))).toMatch(/^MP3033 .*stays locked by.*migplan lock list/);
    expect(place.server.control.state(place.nameOf(WEB))?.lock?.ID).toBe('other');
  });
});

describe.each(dialects)('%s: what stands on the server', (_name, options) => {
  test('every body has a whole serial that grows, and no key that GitLab takes for a parameter', async () => {
    const place = await written(options);
    const backend = await place.open();
    await using _lock = await backend.lock(web).take('apply run1', NOW);
    await backend.document(web).remove();
    await backend.document({ kind: 'machine-types', name: 'abc' }).write('{"id":1,"serial":"x","ID":2}');
    for (const name of place.server.control.names()) {
      const { body, versions } = place.server.control.state(name)!;
      const found = JSON.parse(body!) as Record<string, unknown>;
      expect(found['serial'], name).toBe(Math.max(...versions));
      for (const key of ['ID', 'id', 'name', 'file']) expect(found, name).not.toHaveProperty(key);
    }
  });

  test('a state deleted by hand goes on above the old serial', async () => {
    const place = await written(options);
    const backend = await place.open();
    await backend.document(web).write('{"n":2}');
    const { serial } = JSON.parse(bodyOf(place)!);
    place.server.control.forget();
    await backend.document(web).write('{"n":3}');
    expect(JSON.parse(bodyOf(place)!).serial).toBeGreaterThan(serial);
  });

  test.each(['waves__index', 'waves__project'])('%s is gone: it is told, and nothing is begun anew', async (gone) => {
    const place = await written(options);
    place.server.control.addFault({
      method: 'GET',
      path: new RegExp(`${gone}$`),
      do: { status: 404, body: '{"message":"404 Not found"}' },
    });
    const backend = await place.open();
    const work = gone.endsWith('index') ? backend.list('vms') : backend.prepare();
    expect(told(await failureOf(work))).toMatch(/^MP3013 .*is gone/);
  });

  test('names that are not there cost one look at the index', async () => {
    const place = await written(options);
    const backend = await place.open();
    place.server.log.clear();
    const names = Array.from({ length: 1000 }, (_, i) => ({ kind: 'vms' as const, name: `vm${i}` }));
    await Promise.all(names.map((name) => backend.document(name).read()));
    await Promise.all(names.map((name) => backend.lock(name).holder()));
    expect(place.server.log.counted()).toBe(1);
  });

  test('many new names are written into the index together', async () => {
    const place = await written(options);
    const backend = await place.open();
    place.server.log.clear();
    const names = Array.from({ length: 20 }, (_, i) => ({ kind: 'vms' as const, name: `vm${i}` }));
    await Promise.all(names.map((name) => backend.document(name).write('{}')));
    expect(place.server.log.counted({ method: 'POST', path: /waves__index\?ID/ })).toBeLessThanOrEqual(2);
    expect(await backend.list('vms')).toHaveLength(21);
  });

  test('nothing that is told has the login in it', async () => {
    const place = await written(options);
    const backend = await place.open({ login: { user: 'ci', password: new Secret(TOKEN) } });
    const basic = Buffer.from(`ci:${TOKEN}`).toString('base64');
    place.server.control.addFault({ path: STATE, do: { status: 400, body: `bad ${TOKEN} ${basic} ${'x'.repeat(500)}` } });
    const said = told(await failureOf(backend.document(web).read()));
    expect(said).toContain('***');
    for (const secret of [TOKEN, basic]) expect(said).not.toContain(secret);
    expect(said).not.toContain('x'.repeat(300));
  });
});

test('GitLab: two that write without a lock both have their say, in order', async () => {
  const place = await written(asGitLab);
  const [one, other] = [await place.open(), await place.open()];
  await Promise.all([one.document(web).write('{"by":"one"}'), other.document(web).write('{"by":"other"}')]);
  expect(place.server.control.state(place.nameOf(WEB))!.versions).toHaveLength(3);
});

test('a serial that is taken is read anew', async () => {
  const place = await written(asGitLab);
  const backend = await place.open();
  await using _lock = await backend.lock(web).take('apply run1', NOW);
  const { serial, ...rest } = JSON.parse(bodyOf(place)!);
  let release = () => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  place.server.control.addFault({ method: 'POST', path: /vm-web01\?ID/, nth: 1, do: { until } });
  const writing = backend.document(web).write('{"n":2}');
  await expect.poll(() => place.server.log.counted({ method: 'GET', path: STATE })).toBeGreaterThan(0);
  place.server.control.put(place.nameOf(WEB), JSON.stringify({ ...rest, serial: serial + 1 }), serial + 1);
  release();
  await writing;
  expect(JSON.parse(bodyOf(place)!)).toMatchObject({ serial: serial + 2, document: { n: 2 } });
});

test('an address that cannot be reached is told', async () => {
  const place = await httpPlace(asTerraform);
  const backend = await place.open({ address: 'http://127.0.0.1:9/{name}' });
  expect(told(await failureOf(backend.lineage()))).toMatch(
    /^MP3033 \| http:\/\/127\.0\.0\.1:9\/waves__project cannot be reached/,
  );
});
