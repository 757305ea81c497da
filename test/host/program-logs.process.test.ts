import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChild, startChild } from '../../src/host/child.js';
import { systemClock } from '../../src/host/clock.js';
import { loggedAs, loggedIn } from '../../src/host/program-logs.js';
import { Secret } from '../../src/host/secret.js';
import { RunLogs } from '../../src/state/run-logs.js';
import { tempFolder } from '../state/in-temp.js';

async function open() {
  const folder = join(await tempFolder(), 'logs');
  const logs = RunLogs.open({ folder, clock: systemClock, onTrouble: (error) => expect.unreachable(error.message) });
  const linesOf = async (path: string): Promise<string[]> => {
    await logs.settled();
    const text = await readFile(join(folder, path), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\S+Z /, ''));
  };
  return { folder, logs, linesOf };
}

const shell = (script: string) => ({ program: '/bin/sh', args: ['-c', script] });

test('what a program says on standard error is in the log of what it was started for, its arguments and its end too', async () => {
  const { logs, linesOf } = await open();
  const work = () => loggedAs('web01', () => loggedAs('disk-2000', () => runChild(shell('echo out; echo trouble >&2; exit 3'))));
  expect((await loggedIn(logs, work)).stderr).toBe('trouble');
  expect(await linesOf('web01/disk-2000.sh.log')).toEqual([
    '#1 --- started: /bin/sh -c echo out; echo trouble >&2; exit 3',
    '#1 trouble',
    '#1 --- ended with status 3',
  ]);
});

test('programs that work on two disks at a time do not mix their logs, whatever they wait for before they start', async () => {
  const { folder, logs, linesOf } = await open();
  await loggedIn(logs, () =>
    Promise.all(
      ['disk-1', 'disk-2'].map((disk) =>
        loggedAs('web01', () =>
          loggedAs(disk, async () => {
            await systemClock.sleep(5);
            await runChild(shell(`echo ${disk} >&2`));
          }),
        ),
      ),
    ),
  );
  await logs.settled();
  expect((await readdir(join(folder, 'web01'))).sort()).toEqual(['disk-1.sh.log', 'disk-2.sh.log']);
  expect(await linesOf('web01/disk-1.sh.log')).toContain('#1 disk-1');
  expect(await linesOf('web01/disk-2.sh.log')).toContain('#1 disk-2');
});

test('standard output is logged where it is for people, and its reader gets it all the same', async () => {
  const { logs, linesOf } = await open();
  let heard = '';
  const onStdout = (chunk: Buffer) => {
    heard += chunk.toString();
  };
  await loggedIn(logs, () => runChild({ ...shell('echo stage 1'), onStdout, logsStdout: true }));
  expect(heard).toBe('stage 1\n');
  expect(await linesOf('sh.log')).toContain('#1 stage 1');
});

test('a secret that a program was given on a descriptor does not come back through its log', async () => {
  const { logs, linesOf } = await open();
  const given = { secrets: [new Secret('s3c')] };
  await loggedIn(logs, () => runChild({ ...shell('echo "login s3c refused" >&2; cat <&3 >&2; echo >&2'), ...given }));
  expect(await linesOf('sh.log')).toEqual(expect.arrayContaining(['#1 login *** refused', '#1 ***']));
});

test('a program that we end is no failure; one that cannot be started is', async () => {
  const { folder, logs, linesOf } = await open();
  await loggedIn(logs, async () => {
    await startChild({ program: '/bin/sleep', args: ['60'] }).stop();
    await runChild({ program: '/nonexistent/tool', args: [] });
  });
  expect((await linesOf('sleep.log')).at(-1)).toMatch(/^#1 --- stopped, with status \d+$/);
  expect((await linesOf('tool.log')).at(-1)).toBe('#1 --- ended with status 127');
  expect(logs.telling()).toEqual([join(folder, 'tool.log')]);
});
