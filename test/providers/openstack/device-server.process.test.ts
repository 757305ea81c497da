import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const program = 'src/providers/openstack/access/device_server.py';
const request = {
  task: 'look',
  byIdDir: '/nowhere',
  sysDir: '/sys',
  links: [],
  timeoutSeconds: 0,
  folder: '',
  silenceSeconds: 120,
};

/** Folders as programs for other volumes make and remove them, without an end. */
const others = `
import os, uuid
while True:
    folder = "/tmp/migplan-%s" % uuid.uuid4()
    os.mkdir(folder)
    os.rmdir(folder)
`;

const looks = `
exec(open(${JSON.stringify(program)}).read())
for _ in range(3000):
    remove_abandoned()
print("3000 times")
`;

test('what programs for other volumes remove meanwhile is not missed', async () => {
  const other = spawn('setpriv', ['--pdeathsig', 'KILL', '/usr/bin/python3', '-I', '-c', others], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
  });
  const run = promisify(execFile)('/usr/bin/python3', ['-I', '-c', looks]);
  run.child.stdin!.end(`${JSON.stringify(request)}\n`);
  expect((await run).stdout).toContain('3000 times');
});
