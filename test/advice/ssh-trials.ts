import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { SshServerOptions } from '../../lab/harness/ssh-server.js';
import { until } from '../../lab/harness/until.js';
import { serverId } from '../../src/model/ids.js';
import { tooQuiet } from '../../src/providers/openstack/access/ssh-errors.js';
import type { SshAccess } from '../../src/providers/openstack/config/cloud-config.js';
import { hostPrograms, type Options, RemoteFixture, site, sshPids } from '../providers/openstack/remote-fixture.js';
import { refused, stepOf, type Trial } from './tried.js';

const run = promisify(execFile);

/** What a command says, whether it succeeds or not. */
async function saidBy(command: string): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', command]).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  return stdout + stderr;
}

const sshIn = (step: string): string => /ssh -F .*$/.exec(step)![0];
const USUAL = '/usr/bin:/bin';

interface HostTrial {
  readonly advice: string;
  /** In front of the host's usual programs, by name: a script. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly server?: SshServerOptions;
  readonly ssh?: Partial<SshAccess>;
  /** What the command of the advice says, before and after the trouble is gone. */
  readonly shows?: RegExp;
  readonly works?: RegExp;
  /** Added to the command, where it only logs in. */
  readonly and?: string;
  readonly mend: (fixture: RemoteFixture, programs: string) => Promise<Options>;
}

const withoutScript = (name: string) => async (_: RemoteFixture, programs: string) => {
  await rm(join(programs, name));
  return {};
};

const rows: readonly HostTrial[] = [
  {
    advice: 'Python 3.6 or newer has to run there for this user: <…> python3 -V',
    programs: { python3: 'echo too old >&2; exit 1' },
    shows: /too old/,
    works: /^Python 3\./,
    mend: withoutScript('python3'),
  },
  {
    advice: 'Try it by hand: <…> nbdkit file --dump-plugin',
    programs: { nbdkit: '[ "$1" = --version ] && echo nbdkit 1.32.5 || { echo "error: no plugin file" >&2; exit 1; }' },
    shows: /error: no plugin file/,
    works: /^name=file$/m,
    mend: withoutScript('nbdkit'),
  },
  {
    advice:
      'On <…> the user needs the right to write to attached volumes: log in as root or as a member of the group disk, or write sudo: true in access.ssh.',
    programs: {
      python3: 'exec /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 "$@"',
      sudo: 'shift; PATH=/usr/bin:/bin exec "$@"',
    },
    mend: async () => ({ ssh: { sudo: true } }),
  },
  {
    advice: 'This must work without a question: <…>',
    server: { isKeyAuthorized: false },
    and: 'true && echo in',
    shows: /Permission denied/,
    works: /^in$/m,
    mend: async ({ sshd }) => {
      await copyFile(join(sshd.folder, 'client.pub'), join(sshd.folder, 'authorized'));
      return {};
    },
  },
  {
    advice: "Connect once by hand, compare the key with the host's own, and accept it: <…>",
    server: { isHostKnown: false },
    and: 'true && echo in',
    shows: /Host key verification failed/,
    works: /^in$/m,
    mend: async (fixture) => {
      const asked = sshIn((await refused(() => fixture.claim())).find((step) => step.includes('accept it'))!);
      // ssh asks this program instead of a terminal.
      const yes = join(await hostPrograms({ yes: 'echo yes' }), 'yes');
      await run('sh', ['-c', `${asked} true`], { env: { ...process.env, SSH_ASKPASS: yes, SSH_ASKPASS_REQUIRE: 'force' } });
      return {};
    },
  },
  {
    advice: 'migplan cannot type a password: name a key as identityFile of access.ssh, or load it into the agent (ssh-add).',
    server: { isKeyAuthorized: false },
    mend: async ({ sshd }) => ({ ssh: { identityFile: join(sshd.folder, 'other'), user: userInfo().username, port: sshd.port } }),
  },
  {
    advice: 'Correct config or identityFile of access.ssh.',
    ssh: { configFile: '/nowhere/config' },
    mend: async () => ({}),
  },
  {
    advice: 'Check that the host runs and that port 22, or the one in access.ssh, is open to this machine.',
    ssh: { port: 1 },
    mend: async ({ sshd }) => ({ ssh: { port: sshd.port } }),
  },
  {
    advice: 'In sshd_config there: AllowStreamLocalForwarding yes (or local), DisableForwarding no; then reload sshd.',
    server: { config: ['AllowStreamLocalForwarding no', 'DisableForwarding yes'] },
    mend: async ({ sshd }) => {
      const path = join(sshd.folder, 'sshd_config');
      const written = await readFile(path, 'utf8');
      await writeFile(
        path,
        written
          .replace('AllowStreamLocalForwarding no', 'AllowStreamLocalForwarding local')
          .replace('DisableForwarding yes', 'DisableForwarding no'),
      );
      process.kill(Number(await readFile(join(sshd.folder, 'pid'), 'utf8')), 'SIGHUP');
      await until('sshd to listen again', async () => (await sshd.log()).split('Server listening').length > 2);
      return {};
    },
  },
];

/** Somebody's own configuration has a forwarding to a port that is taken. */
const forwards: Trial = {
  advice:
    'Take forwardings (LocalForward, RemoteForward) for this host out of the ssh configuration, or name another with config of access.ssh.',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const configFile = join(fixture.sshd.folder, 'with-forward');
    const usual = await readFile(fixture.sshd.config, 'utf8');
    await writeFile(configFile, `${usual}  LocalForward 127.0.0.1:${fixture.sshd.port} 127.0.0.1:9\n`);
    stepOf(await refused(() => fixture.claim({ ssh: { configFile } })), forwards.advice);
    const other = await fixture.claim({ ssh: { configFile: fixture.sshd.config } });
    await other.close();
    await fixture.quiet();
    await writeFile(configFile, usual);
    expect((await fixture.claim({ ssh: { configFile } })).block.driver).toBe('nbd');
  },
};

const hostTrial = ({ advice, programs = {}, server = {}, ssh = {}, shows, works, and = '', mend }: HostTrial): Trial => ({
  advice,
  run: async () => {
    const folder = await hostPrograms(programs);
    const fixture = await RemoteFixture.start({ path: `${folder}:${USUAL}`, ...server });
    // Whoever logs in gets as far as the device.
    await chmod(fixture.device.folder, 0o755);
    const step = stepOf(await refused(() => fixture.claim({ ssh })), advice);
    const command = shows === undefined ? undefined : `${sshIn(step)} ${and}`;
    if (command !== undefined) expect(await saidBy(`${command} </dev/null`)).toMatch(shows!);
    const options = await mend(fixture, folder);
    if (command !== undefined) expect(await saidBy(command)).toMatch(works!);
    expect((await fixture.claim(options)).block.driver).toBe('nbd');
  },
});

/** Somebody else has the device open there: a server of a run that is gone, or a mount. */
const stillServed: Trial = {
  advice: 'A server of a run whose connection broke ends after <…> s: run again then. On <…>: pgrep -af nbdkit',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const first = await fixture.claim();
    const step = stepOf(await refused(() => fixture.claim()), stillServed.advice);
    const found = await saidBy(`ssh -F ${fixture.sshd.config} conv1 ${/pgrep .*/.exec(step)![0]}`);
    expect(found).toContain('nbdkit');
    await first.close();
    await fixture.quiet();
    expect((await fixture.claim()).block.driver).toBe('nbd');
  },
};

const lost: Trial = {
  advice: 'See whether the host runs: <…> uptime',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const claim = await fixture.claim();
    for (const pid of await sshPids(fixture)) process.kill(pid);
    const broken = await claim.broken!();
    const step = stepOf(broken?.details.nextSteps ?? [], lost.advice);
    expect(await saidBy(sshIn(step))).toMatch(/load average/);
    await claim.close();
    await fixture.dead();
    expect((await fixture.claim()).block.driver).toBe('nbd');
  },
};

const slow: Trial = {
  advice: 'See whether this is slow by hand too: <…> true',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const { details } = tooQuiet(site, { host: fixture.sshd.host, configFile: fixture.sshd.config }, 1);
    await run('sh', ['-c', sshIn(stepOf(details.nextSteps ?? [], slow.advice))]);
  },
};

/** No udev runs here, so a program of its name stands in. */
const noUdev: Trial = {
  advice: 'See whether udev runs there: pgrep -a udevd; and that byIdDir of access is right.',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const { byIdDir } = fixture.device;
    const look = async (folder: string): Promise<readonly string[]> => {
      const host = fixture.host({ host: { folders: { byIdDir: folder, sysDir: '/sys' } } });
      const server = { id: serverId('11111111-2222-4333-8444-555555555555'), name: 'conv' };
      return (await host.look(server, site)).flatMap(({ problem }) => problem?.nextSteps ?? []);
    };
    const step = stepOf(await look(join(fixture.sockets, 'none')), noUdev.advice);
    const folder = await mkdtemp(join(tmpdir(), 'udev-'));
    const program = join(folder, 'systemd-udevd');
    await copyFile('/usr/bin/sleep', program);
    const udev = execFile(program, ['60']);
    try {
      const command = /pgrep [^;]*/.exec(step)![0];
      await until('udev to be seen', async () => (await saidBy(command)).includes(`${udev.pid}`));
    } finally {
      udev.kill();
      await rm(folder, { recursive: true });
    }
    expect(await look(byIdDir)).not.toContain(step);
  },
};

/** The host that is reached is a server, and not the one that access.server names. */
const anotherServer: Trial = {
  advice: 'Name in access.ssh of the Project how server <…> (<…>) is reached, or as access.server the one that <…> is.',
  run: async () => {
    const fixture = await RemoteFixture.start();
    const sysDir = join(fixture.sockets, 'sys');
    await mkdir(join(sysDir, 'class/dmi/id'), { recursive: true });
    const isMachine = (id: string) => writeFile(join(sysDir, 'class/dmi/id/product_uuid'), `${id}\n`);
    const [here, other] = ['11111111-2222-4333-8444-555555555555', '66666666-2222-4333-8444-555555555555'];
    const host = fixture.host({ host: { folders: { byIdDir: fixture.device.byIdDir, sysDir } } });
    const look = async (id: string): Promise<readonly string[]> =>
      (await host.look({ id: serverId(id), name: 'conv' }, site)).flatMap(({ problem }) => problem?.nextSteps ?? []);
    await isMachine(here);
    stepOf(await look(other), anotherServer.advice);
    expect(await look(here)).toEqual([]);
    await isMachine(other);
    expect(await look(other)).toEqual([]);
  },
};

export const sshTrials: readonly Trial[] = [...rows.map(hostTrial), forwards, stillServed, lost, slow, noUdev, anotherServer];
