import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runChild } from '../../src/host/child.js';
import { type SshHost, sshArgs } from '../../src/host/ssh.js';

/** What the installed ssh makes of it, by name of its options; nothing is connected. */
async function read(host: SshHost): Promise<Map<string, string[]>> {
  const args = sshArgs(
    { configFile: '/dev/null', ...host },
    { command: 'sh -c true', forward: { local: '/a/l', remote: '/b/r' } },
  );
  const { status, stdout, stderr } = await runChild({ program: 'ssh', args: ['-G', ...args] });
  expect([status, stderr]).toEqual([0, '']);
  const options = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [name = '', ...value] = line.split(' ');
    options.set(name, [...(options.get(name) ?? []), value.join(' ')]);
  }
  return options;
}

describe('the installed ssh understands', () => {
  test('what is said of the host', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ssh-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const key = join(folder, "-my key's");
    await writeFile(key, '');
    const options = await read({ host: 'conv1', user: 'cloud-user', port: 2222, identityFile: key });
    expect(options.get('hostname')).toEqual(['conv1']);
    expect(options.get('user')).toEqual(['cloud-user']);
    expect(options.get('port')).toEqual(['2222']);
    expect(options.get('identityfile')).toEqual([key]);
    expect(options.get('localforward')).toEqual(['/a/l /b/r']);
  });

  test('every fixed option', async () => {
    const options = await read({ host: 'conv1' });
    const fixed = [
      ...['batchmode', 'exitonforwardfailure', 'streamlocalbindunlink', 'controlmaster', 'forwardagent', 'permitlocalcommand'],
      ...['streamlocalbindmask', 'serveraliveinterval', 'serveralivecountmax', 'loglevel', 'requesttty', 'connecttimeout'],
    ].map((name) => `${name} ${options.get(name)?.join()}`);
    expect(fixed).toEqual([
      'batchmode yes',
      'exitonforwardfailure yes',
      'streamlocalbindunlink yes',
      'controlmaster false',
      'forwardagent no',
      'permitlocalcommand no',
      'streamlocalbindmask 0177',
      'serveraliveinterval 15',
      'serveralivecountmax 4',
      'loglevel ERROR',
      'requesttty false',
      'connecttimeout 30',
    ]);
  });

  test('names that only look like something else', async () => {
    expect((await read({ host: 'fe80::1%eth0' })).get('hostname')).toEqual(['fe80::1%eth0']);
    expect((await read({ host: '_x.y-z', user: 'a@b' })).get('user')).toEqual(['a@b']);
  });
});
