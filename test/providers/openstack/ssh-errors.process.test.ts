import { readFile, readlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { SshServerOptions } from '../../../lab/harness/ssh-server.js';
import type { SshAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { refusalOf } from './refusal-of.js';
import { hostPrograms, RemoteFixture, server, site } from './remote-fixture.js';

const [SH, PYTHON] = [`/bin/${await readlink('/bin/sh')}`, '/usr/bin/python3'];

/** What an operator is told when it cannot work: reason, then what to do. Nothing may be left on the host. */
async function told(options: SshServerOptions, ssh: Partial<SshAccess> = {}): Promise<string> {
  const fixture = await RemoteFixture.start(options);
  const { said, error } = await refusalOf(fixture.claim({ ssh }));
  await fixture.quiet();
  return [said, ...(error.details.nextSteps ?? [])].join('\n').replaceAll(fixture.sshd.folder, 'FOLDER');
}

describe('the connection', () => {
  test('to a host whose key is not known is not made, and nobody is asked', async () => {
    const what = await told({ isHostKnown: false });
    expect(what).toMatch(/^untrusted MP8004 ssh does not reach host conv1[ ,].*Host key verification failed/s);
    expect(what).toContain('accept it: ssh -F FOLDER/ssh_config conv1');
  });

  test('with a key that is not let in names keys', async () => {
    const what = await told({ isKeyAuthorized: false });
    expect(what).toMatch(/^unauthenticated MP8004 .*Permission denied/);
    expect(what).toContain('identityFile of access.ssh');
  });

  test('with identityFile uses that key', async () => {
    const fixture = await RemoteFixture.start({ isKeyAuthorized: false });
    const claim = await fixture.claim({
      ssh: { identityFile: `${fixture.sshd.folder}/other`, user: 'root', port: fixture.sshd.port },
    });
    expect(claim.block.driver).toBe('nbd');
  });

  test('to a port where nobody listens, or a name that is none', async () => {
    expect(await told({}, { port: 1 })).toMatch(
      /^transient MP8004 .*Connection refused\nCheck that the host runs.*ssh -F \S+ -p 1 conv1/s,
    );
    expect(await told({}, { host: 'no-such-host.invalid' })).toMatch(/^transient MP8004 .*resolve hostname/);
  });

  test('by a configuration that is not there', async () => {
    expect(await told({}, { configFile: '/nowhere/config' })).toMatch(/^failed MP8004 .*No such file.*\nCorrect config/s);
  });

  test('that may not forward to sockets', async () => {
    const what = await told({ config: ['AllowStreamLocalForwarding no'] });
    expect(what).toMatch(/^denied MP8004 sshd of host conv1 does not forward to a unix socket there/);
    expect(what).toContain('AllowStreamLocalForwarding yes');
  });

  test('whose configuration has forwardings that are taken', async () => {
    const fixture = await RemoteFixture.start();
    const config = `${fixture.sshd.folder}/with-forward`;
    await writeFile(
      config,
      `${await readFile(fixture.sshd.config, 'utf8')}  LocalForward 127.0.0.1:${fixture.sshd.port} 127.0.0.1:9\n`,
    );
    const { said, error } = await refusalOf(fixture.claim({ ssh: { configFile: config } }));
    expect(said).toMatch(/^failed MP8004 ssh does not reach host conv1/);
    expect(error.details.nextSteps?.join()).toContain('LocalForward');
  });

  test('through a login script that talks', async () => {
    const fixture = await RemoteFixture.start({
      config: ['ForceCommand echo welcome; echo; exec sh -c "$SSH_ORIGINAL_COMMAND"'],
    });
    expect((await fixture.claim()).block.driver).toBe('nbd');
  });
});

describe('the host', () => {
  test('without Python', async () => {
    const what = await told({ path: await hostPrograms({ sh: SH }) });
    expect(what).toMatch(/^failed MP8004 host conv1 has no python3, nor .*apt-get install python3/s);
  });

  test('without nbdkit', async () => {
    const path = await hostPrograms({ sh: SH, python3: PYTHON });
    expect(await told({ path })).toMatch(
      /^failed MP8004 nbdkit is not installed on host conv1\nThere, .*apt-get install nbdkit/s,
    );
    const fixture = await RemoteFixture.start({ path });
    const problems = (await fixture.host().look(server, site)).flatMap(({ problem }) => problem?.detail ?? []);
    expect(problems).toContain('nbdkit is not installed on host conv1');
  });

  test('with an nbdkit that is too old, or does not serve', async () => {
    const old = await hostPrograms({ sh: SH, python3: PYTHON, nbdkit: 'echo nbdkit 1.16.2' });
    expect(await told({ path: old })).toMatch(/^failed MP8004 host conv1 has nbdkit 1.16.2, 1.24 or newer is needed/);
    const broken = await hostPrograms({
      sh: SH,
      python3: PYTHON,
      nbdkit: '[ "$1" = --version ] && echo nbdkit 1.32.5 || { echo "error: no plugin file" >&2; exit 1; }',
    });
    expect(await told({ path: broken })).toMatch(/^failed MP8004 nbdkit on host conv1 does not serve .*error: no plugin file/);
  });

  test('with a Python that does not know the program', async () => {
    const path = await hostPrograms({ sh: SH, python3: 'echo "SyntaxError: too old" >&2; exit 1' });
    expect(await told({ path })).toMatch(/^failed MP8004 the program on host conv1 ended with status 1: .*too old\nPython 3.6/s);
  });
});

describe('sudo', () => {
  test('makes who logs in root', async () => {
    const fixture = await RemoteFixture.start();
    expect((await fixture.claim({ ssh: { sudo: true } })).block.driver).toBe('nbd');
  });

  test('that asks for a password is told', async () => {
    const path = await hostPrograms({ sudo: 'echo "sudo: a password is required" >&2; exit 1' });
    const what = await told({ path: `${path}:/usr/bin:/bin` }, { sudo: true });
    expect(what).toMatch(/^denied MP8004 sudo on host conv1: sudo: a password is required\n.*NOPASSWD/s);
  });

  test('hands the socket to the user who logged in', async () => {
    const path = await hostPrograms({ sudo: 'shift; SUDO_UID=65534 SUDO_GID=65534 exec "$@"' });
    const fixture = await RemoteFixture.start({ path: `${path}:/usr/bin:/bin` });
    await fixture.claim({ ssh: { sudo: true } });
    expect(await fixture.socketOwner()).toBe(65534);
  });
});
