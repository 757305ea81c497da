import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runChild, startChild } from '../../src/host/child.js';
import { interruptible, uninterrupted } from '../../src/host/interruption.js';
import { findProgram } from '../../src/host/program.js';
import { Secret } from '../../src/host/secret.js';
import { eventually } from '../eventually.js';
import { type Compiled, compileSources, processesWith } from './compiled.js';

const sh = (script: string) => ({ program: 'sh', args: ['-c', script] });

describe('runChild', () => {
  test('gives status and both outputs', async () => {
    const exit = await runChild(sh('echo out; echo err >&2; exit 7'));
    expect(exit).toEqual({ status: 7, stdout: 'out', stderr: 'err' });
  });

  test('tells a signal as a shell does', async () => {
    expect((await runChild(sh('kill -KILL $$'))).status).toBe(137);
  });

  test('a program that is not there is status 127', async () => {
    expect((await runChild({ program: '/nowhere/program', args: [] })).status).toBe(127);
  });

  test('keeps the end of a long output', async () => {
    const { stdout, stderr } = await runChild(sh('seq 300000; seq 300000 >&2'));
    expect(stdout).toHaveLength(65_535);
    expect(stdout.endsWith('299999\n300000')).toBe(true);
    expect(stderr.endsWith('300000')).toBe(true);
  });

  test('hands secrets over by descriptor; they are neither in the arguments nor in what is kept of the output', async () => {
    const script = 'cat <&3 | wc -c; first=$(cat <&4); echo "got $first"; cat /proc/$PPID/cmdline >&2';
    const exit = await runChild({ ...sh(script), secrets: [new Secret('hunter2'), new Secret('tiger3')] });
    expect(exit.stdout).toBe('7\ngot ***');
    expect(exit.stderr).toContain('guard');
    expect(exit.stderr).not.toContain('***');
  });

  test('has no input unless it is asked for', async () => {
    expect((await runChild({ program: 'cat', args: [] })).status).toBe(0);
    const child = startChild({ program: 'cat', args: [], takesInput: true });
    child.input?.write('one ');
    child.input?.end('two');
    expect(await child.exited).toMatchObject({ status: 0, stdout: 'one two' });
  });

  test('what has ended and does not read is no error', async () => {
    const child = startChild({ ...sh('exec 0<&-; sleep 0.1'), takesInput: true });
    child.input?.write('lost'.repeat(100_000));
    expect((await child.exited).status).toBe(0);
    child.input?.end('more');
  });

  test('abort rejects with the reason when all of the group is gone', async () => {
    const abort = new AbortController();
    const mark = `4${process.pid}.25`;
    const run = runChild({ ...sh(`sleep ${mark} & sleep ${mark}`), signal: abort.signal });
    await eventually(async () => expect(await processesWith(`sleep\0${mark}`)).toHaveLength(2));
    abort.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(await processesWith(`sleep\0${mark}`)).toEqual([]);
  });

  test('who ignores SIGTERM is killed after the grace', async () => {
    const run = runChild({ ...sh("trap '' TERM; sleep 60"), timeoutMs: 200, graceMs: 100 });
    await expect(run).rejects.toMatchObject({
      name: 'ProgramTimeout',
      details: { code: 'MP6007', call: 'sh', detail: expect.stringContaining('had not ended after 0 s') },
    });
  });

  test('a program of work that is interrupted ends, and one that gives back does not', async () => {
    const abort = new AbortController();
    const mark = `5${process.pid}.25`;
    const run = interruptible(abort.signal, () => runChild(sh(`sleep ${mark}`)));
    const other = interruptible(abort.signal, () => uninterrupted(() => runChild(sh('sleep 0.5; exit 7'))));
    await eventually(async () => expect(await processesWith(`sleep\0${mark}`)).toHaveLength(1));
    abort.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(await processesWith(`sleep\0${mark}`)).toEqual([]);
    expect((await other).status).toBe(7);
  });
});

test('what a program leaves behind ends with it', async () => {
  const mark = `5${process.pid}.25`;
  expect((await runChild(sh(`sleep ${mark} & exit 3`))).status).toBe(3);
  await eventually(async () => expect(await processesWith(`sleep\0${mark}`)).toEqual([]));
});

test('stopping twice is fine', async () => {
  const child = startChild(sh('sleep 60'));
  expect((await child.stop()).status).toBe(143);
  expect((await child.stop()).status).toBe(143);
  expect(child.isRunning()).toBe(false);
});

describe('when our process is killed', () => {
  let compiled: Compiled;
  beforeAll(async () => {
    compiled = await compileSources('child');
  });
  afterAll(() => compiled[Symbol.asyncDispose]());

  const runNode = (script: string) =>
    spawn(
      process.execPath,
      ['--input-type=module', '-e', `import {startChild} from '${compiled.url('host/child.js')}';${script}`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );

  test('the program and what it started are gone, though they ignore SIGTERM and SIGHUP', async () => {
    const mark = `6${process.pid}.25`;
    const node = runNode(`startChild({program:'sh',args:['-c',"trap '' TERM HUP; sleep ${mark} & sleep ${mark}"]})`);
    await eventually(async () => expect(await processesWith(`sleep\0${mark}`)).toHaveLength(2));
    node.kill('SIGKILL');
    await eventually(async () => expect(await processesWith(mark)).toEqual([]));
  });

  // The window is between fork and the request to the kernel: a setpriv that waits until its parent is gone holds it open. It
  // takes the parent's id as the guard does, from its arguments: $PPID is init's when the parent died before the shell came up.
  test('even when it happens while the program starts', async () => {
    const mark = `7${process.pid}.25`;
    const folder = await mkdtemp(join(tmpdir(), 'child-'));
    const setpriv = await findProgram('setpriv');
    const wait = `#!/bin/sh\nwhile kill -0 "$7" 2>/dev/null; do sleep 0.01; done\ntouch ${folder}/went-on\nexec ${setpriv} "$@"\n`;
    await writeFile(join(folder, 'setpriv'), wait, { mode: 0o755 });
    const node = runNode(`process.env.PATH='${folder}:'+process.env.PATH;
      startChild({program:'sleep',args:['${mark}']}); process.kill(process.pid,'SIGKILL')`);
    await once(node, 'exit');
    await eventually(() => access(join(folder, 'went-on')));
    await eventually(async () => expect(await processesWith(mark)).toEqual([]));
    await rm(folder, { recursive: true });
  });
});
