import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PluginReader } from '../../../src/contracts/disk-reader.js';
import { ProviderError } from '../../../src/contracts/provider-error.js';
import { interruptible, uninterrupted } from '../../../src/host/interruption.js';
import { Secret } from '../../../src/host/secret.js';
import { vmRef } from '../../../src/model/ids.js';
import { openVmware } from '../../../src/providers/vmware/index.js';
import { eventually } from '../../eventually.js';
import { fault, LOGIN, property, response, SERVICE_CONTENT } from './envelope.js';
import { FastClock } from './fast-clock.js';
import { PASSWORD, READER, startVmwareLab, USER, type VmwareLab } from './lab.js';
import { type WireHandler, WireServer } from './wire-server.js';

const VMS = 12;
const refs = Array.from({ length: VMS }, (_, index) => vmRef(`vm-${200 + index}`));
const all = refs.map((moref) => ({ kind: 'moref' as const, moref }));

describe('on the simulated vCenter', () => {
  let lab: VmwareLab;
  beforeAll(async () => {
    const vms = refs.map((moref, index) => ({ name: `web${index}`, moref, disks: [{ capacityBytes: 2 ** 20 }] }));
    lab = await startVmwareLab({ soap: { pageMax: 3 }, datacenters: [{ name: 'DC1', vms }] });
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  afterEach(() => lab.sim.control.clearFaults());
  const count = (method: string): number => lab.sim.control.calls().calls.filter((call) => call.method === method).length;

  test('one login for calls made at once, a logout at the end, names for the logs of vCenter', async () => {
    lab.sim.control.clearCalls();
    const source = await lab.open();
    await Promise.all(refs.map((ref) => source.powerState(ref)));
    expect([count('Login'), count('RetrieveServiceContent')]).toEqual([1, 1]);
    expect(lab.sim.control.sessions().sessions).toMatchObject([
      { user: USER, userAgent: expect.stringMatching(/^migplan\/\d+\.\d+\.\d+$/) },
    ]);
    const ids = lab.sim.control.calls().calls.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id?.startsWith('migplan-'))).toBe(true);
    await source[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    expect([count('Logout'), lab.sim.control.stats().sessionsNow]).toEqual([1, 0]);
  });

  test('a session that vCenter forgot is renewed once for all who find out', async () => {
    await using source = await lab.open();
    await source.powerState(refs[0]!);
    lab.sim.control.clearCalls();
    lab.sim.control.killSessions({});
    await Promise.all(refs.map((ref) => source.powerState(ref)));
    expect(count('Login')).toBe(1);
    lab.sim.control.advanceClock({ minutes: 31 });
    expect(await source.powerState(refs[0]!)).toBe('on');
  });

  test('a session that ends between two pages: the list starts again', async () => {
    await using source = await lab.open();
    lab.sim.control.clearCalls();
    lab.sim.control.addFault({ method: 'ContinueRetrievePropertiesEx', nth: 2, do: { fault: { type: 'NotAuthenticated' } } });
    const found = await source.observe(all);
    expect(found.map((lookup) => (lookup.kind === 'found' ? lookup.vm.ref : lookup.kind))).toEqual(refs);
    expect(count('Login')).toBe(2);
  });

  test('a page that gets lost cannot be asked for again: the list starts again', async () => {
    await using source = await lab.open();
    lab.sim.control.addFault({ method: 'ContinueRetrievePropertiesEx', when: 'after', do: { drop: true } });
    lab.sim.control.addFault({
      method: 'ContinueRetrievePropertiesEx',
      nth: 3,
      do: { fault: { type: 'InvalidProperty', fields: { name: 'token' } } },
    });
    expect((await source.observe(all)).filter(({ kind }) => kind === 'found')).toHaveLength(VMS);
  });

  test('a session that ends again and again does not go on forever', async () => {
    await using source = await lab.open();
    lab.sim.control.addFault({
      method: 'ContinueRetrievePropertiesEx',
      times: 'always',
      do: { fault: { type: 'NotAuthenticated' } },
    });
    await expect(source.observe(all)).rejects.toMatchObject({ kind: 'transient' });
  });

  test('closing does not wait for calls under way, and still logs out', async () => {
    lab.sim.control.killSessions({});
    const source = await lab.open();
    await source.powerState(refs[0]!);
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', times: 'always', do: { delayMs: 60_000 } });
    const calls = refs.map((ref) => source.powerState(ref).catch((error: unknown) => error));
    await eventually(() => expect(count('RetrievePropertiesEx')).toBeGreaterThan(3));
    await source[Symbol.asyncDispose]();
    expect(lab.sim.control.stats().sessionsNow).toBe(0);
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'transient' });
  });

  describe('an interruption', () => {
    const slow = (method: string) => lab.sim.control.addFault({ method, times: 'always', do: { delayMs: 60_000 } });
    const underWay = (method: string, calls: number) => eventually(() => expect(count(method)).toBeGreaterThanOrEqual(calls));

    test('ends reads, those under way and those that wait for their turn; what gives back goes on', async () => {
      await using source = await lab.open();
      await source.powerState(refs[0]!);
      lab.sim.control.clearCalls();
      slow('RetrievePropertiesEx');
      const abort = new AbortController();
      const reads = interruptible(abort.signal, () => refs.map((ref) => source.powerState(ref).catch((error: unknown) => error)));
      await underWay('RetrievePropertiesEx', 4);
      abort.abort();
      for (const error of await Promise.all(reads)) expect(error).toMatchObject({ name: 'AbortError' });
      lab.sim.control.clearFaults();
      expect(await interruptible(abort.signal, () => uninterrupted(() => source.powerState(refs[0]!)))).toBe('on');
    });
  });

  test('an idle session is kept alive', async () => {
    await using source = await lab.open({ keepAliveMs: 10 });
    await source.powerState(refs[0]!);
    lab.sim.control.clearCalls();
    await eventually(() => expect(count('CurrentTime')).toBeGreaterThan(2));
  });

  test('credentials that were refused are never tried again', async () => {
    await using source = await lab.open({ password: new Secret('wrong-password') });
    lab.sim.control.clearCalls();
    const errors = await Promise.all([...refs, ...refs].map((ref) => source.powerState(ref).catch((error: unknown) => error)));
    await expect(source.observe(all)).rejects.toMatchObject({ kind: 'unauthenticated', details: { code: 'MP5001' } });
    expect(errors.every((error) => error instanceof ProviderError && error.kind === 'unauthenticated')).toBe(true);
    expect(count('Login')).toBe(1);
    expect(inspect(errors[0], { depth: 20, showHidden: true })).not.toContain('wrong-password');
  });

  test.each([
    ['HTTP 503', { http: { status: 503 } }],
    ['a lost answer', { drop: true as const }],
    ['half an answer', { truncate: true as const }],
    ['no answer', { empty: true as const }],
  ])('reads are repeated after %s, and not forever', async (_name, action) => {
    await using source = await lab.open();
    await source.powerState(refs[0]!);
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', times: 3, do: action });
    expect(await source.powerState(refs[0]!)).toBe('on');
    lab.sim.control.clearFaults();
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', times: 'always', do: action });
    lab.sim.control.clearCalls();
    await expect(source.powerState(refs[0]!)).rejects.toMatchObject({ kind: 'transient' });
    expect(count('RetrievePropertiesEx')).toBe(4);
  });

  test('a bug of the server gets a second chance, HTML does not', async () => {
    await using source = await lab.open();
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', do: { fault: { type: 'SystemError', fields: { reason: 'x' } } } });
    expect(await source.powerState(refs[0]!)).toBe('on');
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', do: { http: { status: 200, body: '<html></html>' } } });
    await expect(source.powerState(refs[0]!)).rejects.toMatchObject({ kind: 'invalid', details: { code: 'MP5005' } });
  });

  test('the wrong certificate: nothing is sent, the error names it, no secret is anywhere in it', async () => {
    lab.sim.control.clearCalls();
    await using source = await lab.open({ tls: { thumbprint: 'ab'.repeat(32) } });
    const error = await source.identify().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      kind: 'untrusted',
      details: { code: 'MP5002', nextSteps: expect.arrayContaining([expect.stringContaining(lab.sim.sha256)]) },
    });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(PASSWORD);
    expect(lab.sim.control.calls().calls).toEqual([]);
  });

  test('the right thumbprint is enough, and the reader gets the SHA-1 of that very certificate', async () => {
    await using source = await lab.open({ tls: { thumbprint: lab.sim.sha256 } });
    const snapshot = {
      ref: 'snapshot-1',
      vm: refs[0],
      name: 's',
      disks: [{ key: 2000, uuid: '', capacity: 1, file: '[ds1] a b/c.vmdk' }],
    } as never;
    const reader = (await source.reader(snapshot, 2000 as never)) as PluginReader;
    const port = lab.sim.server.split(':')[1];
    expect(reader).toMatchObject({ program: 'nbdkit', plugin: 'vddk', requestBytesMax: 2 ** 21, connections: 1 });
    expect(reader.args).toEqual([
      'libdir=/opt/vddk',
      'server=127.0.0.1',
      `port=${port}`,
      `user=${USER}`,
      `thumbprint=${lab.sim.sha1}`,
      'vm=moref=vm-200',
      'snapshot=snapshot-1',
      'file=[ds1] a b/c.vmdk',
    ]);
    expect(reader.secrets.map(({ key, value }) => [key, value.reveal()])).toEqual([['password', PASSWORD]]);
  });
});

describe('against scripted answers', () => {
  async function scripted(
    handler: WireHandler,
    work: (source: Awaited<ReturnType<typeof openVmware>>, server: WireServer) => Promise<void>,
  ) {
    await using server = await WireServer.start();
    server.handler = (request, response) => {
      if (request.method === 'RetrieveServiceContent') return { body: SERVICE_CONTENT };
      return handler(request, response);
    };
    const config = {
      name: 'vc',
      server: `127.0.0.1:${server.port}`,
      user: 'u',
      password: new Secret('s3cret-value'),
      tls: { caFile: server.identity.caFile },
      reader: READER,
    };
    await using source = await openVmware(config, {
      clock: new FastClock(),
      newId: () => String(Math.floor(performance.now() * 1e6)),
      random: () => 0,
    });
    await work(source, server);
  }

  const POWERED_ON = property('runtime.powerState', '<val xsi:type="VirtualMachinePowerState">poweredOn</val>');

  test('a session that is refused right after each login ends the call', async () => {
    await scripted(
      ({ method }) => (method === 'Login' ? { body: LOGIN } : { status: 500, body: fault('NotAuthenticated') }),
      async (source, server) => {
        await expect(source.powerState(vmRef('vm-42'))).rejects.toMatchObject({ kind: 'unauthenticated' });
        expect(server.requests.filter(({ method }) => method === 'Login')).toHaveLength(2);
      },
    );
  });

  test('who finds out late that the session ended uses the one that others have made meanwhile', async () => {
    let late: (() => void) | undefined;
    let reads = 0;
    await scripted(
      ({ method }, reply) => {
        if (method === 'Login') return { body: LOGIN };
        if (method !== 'RetrievePropertiesEx') return { body: response(method, '') };
        reads++;
        const expired = { status: 500, body: fault('NotAuthenticated') };
        if (reads === 2) return expired;
        if (reads > 2) return { body: POWERED_ON };
        late = () => reply.writeHead(500).end(expired.body);
        return 'handled';
      },
      async (source, server) => {
        const first = source.powerState(vmRef('vm-42'));
        await eventually(() => expect(reads).toBe(1));
        expect(await source.powerState(vmRef('vm-42'))).toBe('on');
        late?.();
        expect(await first).toBe('on');
        expect(server.requests.filter(({ method }) => method === 'Login')).toHaveLength(2);
      },
    );
  });

  describe('an interruption', () => {
    /** What one method answers, once it is told to; everything else is answered at once. */
    function held(method: string, body: string) {
      const replies: ServerResponse[] = [];
      const handler: WireHandler = (request, reply) => {
        if (request.method === method) {
          replies.push(reply);
          return 'handled';
        }
        return { body: request.method === 'Login' ? LOGIN : POWERED_ON };
      };
      return { handler, replies, answer: () => void replies.splice(0).forEach((reply) => void reply.end(body)) };
    }

    test('ends no call with an effect: it is known what came of it', async () => {
      const taking = held('CreateSnapshot_Task', response('CreateSnapshot_Task', '<returnval type="Task">task-7</returnval>'));
      await scripted(taking.handler, async (source) => {
        const abort = new AbortController();
        const taken = interruptible(abort.signal, () =>
          source.createSnapshot(vmRef('vm-42'), { name: 'taken', description: '' }),
        );
        const end = taken.then(
          () => 'done',
          (error: unknown) => error,
        );
        await eventually(() => expect(taking.replies).toHaveLength(1));
        abort.abort();
        // Whatever follows from the interruption had its time, and the call goes on.
        expect(await source.powerState(vmRef('vm-43'))).toBe('on');
        expect(await Promise.race([end, 'still waits'])).toBe('still waits');
        taking.answer();
        expect(await end).toMatchObject({ name: 'AbortError' });
      });
    });

    test('of one who waits for the login is not felt by the others', async () => {
      const login = held('Login', LOGIN);
      await scripted(login.handler, async (source, server) => {
        const abort = new AbortController();
        const first = interruptible(abort.signal, () => source.powerState(vmRef('vm-42')));
        const second = source.powerState(vmRef('vm-43'));
        await eventually(() => expect(login.replies).toHaveLength(1));
        abort.abort();
        await expect(first).rejects.toMatchObject({ name: 'AbortError' });
        login.answer();
        expect(await second).toBe('on');
        expect(server.requests.filter(({ method }) => method === 'Login')).toHaveLength(1);
      });
    });
  });

  test('four calls are in flight, and never more', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    await scripted(
      ({ method }, reply) => {
        if (method === 'Login') return { body: LOGIN };
        if (method !== 'RetrievePropertiesEx') return { body: response(method, '') };
        held.push(() => reply.end(POWERED_ON));
        most = Math.max(most, held.length);
        // Nothing is answered before the fourth is there, and then a little later, so that a fifth would be seen.
        if (held.length === 4) setTimeout(() => held.splice(0).forEach((answer) => void answer()), 20);
        return 'handled';
      },
      async (source) => {
        await Promise.all(Array.from({ length: 12 }, () => source.powerState(vmRef('vm-42'))));
      },
    );
    expect(most).toBe(4);
  });

  test('a property that the server does not know is asked for once only', async () => {
    const asked: boolean[] = [];
    await scripted(
      ({ method, body }) => {
        if (method === 'Login') return { body: LOGIN };
        if (method !== 'RetrievePropertiesEx') return { body: response(method, '') };
        asked.push(body.includes('capability.changeTrackingSupported'));
        return asked.at(-1) === true
          ? { status: 500, body: fault('InvalidProperty', '<name>capability.changeTrackingSupported</name>') }
          : { body: response('RetrievePropertiesEx', '') };
      },
      async (source) => {
        for (let i = 0; i < 2; i++) await source.observe([{ kind: 'moref', moref: 'vm-42' }]);
      },
    );
    expect(asked).toEqual([true, false, false]);
  });

  test('a value of an unexpected type is refused instead of believed', async () => {
    await scripted(
      ({ method }) =>
        method === 'Login' ? { body: LOGIN } : { body: property('runtime.powerState', '<val xsi:type="xsd:int">1</val>') },
      async (source) => {
        await expect(source.powerState(vmRef('vm-42'))).rejects.toMatchObject({ kind: 'invalid', details: { code: 'MP5005' } });
      },
    );
  });
});
