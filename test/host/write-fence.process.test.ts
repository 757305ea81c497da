import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChild } from '../../src/host/child.js';
import { startWriteFence, WritesEnded } from '../../src/host/write-fence.js';
import { eventually } from '../eventually.js';
import { type Compiled, compileSources, processesWith } from './compiled.js';

/** What ignores everything that can be ignored, with a process that has left the group's leader behind. */
const stubborn = (mark: string) => `trap '' TERM HUP INT; sleep ${mark} & sleep ${mark}`;

describe('from outside of the process', () => {
  let compiled: Compiled;
  let nodes: ChildProcess[] = [];
  beforeAll(async () => {
    compiled = await compileSources('write-fence');
  });
  afterAll(async () => {
    for (const node of nodes) node.kill('SIGKILL');
    nodes = [];
    await compiled[Symbol.asyncDispose]();
  });

  /** A process that has a fence of so many milliseconds, prolongs it with each line that it is told, and has started the program. */
  const writer = async (mark: string, { ms, more = '' }: { readonly ms: number; readonly more?: string }) => {
    const node = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import {startChild} from '${compiled.url('host/child.js')}';
         import {startWriteFence} from '${compiled.url('host/write-fence.js')}';
         const fence = startWriteFence(${ms});
         process.stdin.on('data', () => fence.prolong(${ms}));
         const child = startChild({program:'sh',args:['-c',"${stubborn(mark)}"]});
         child.exited.then(({status}) => console.log('ended', status));
         ${more}`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    nodes.push(node);
    node.stdin.on('error', () => undefined);
    const again = setInterval(() => node.stdin.write('on\n'), 50);
    node.once('close', () => clearInterval(again));
    await eventually(async () => expect(await processesWith(`sleep\0${mark}`)).toHaveLength(2));
    return { node, stopTelling: () => clearInterval(again) };
  };
  const running = (mark: string) => processesWith(`sleep\0${mark}`);

  test('a process that hangs loses what it has started, and one that goes on keeps it', async () => {
    const [hangs, goesOn] = [`71${process.pid}.25`, `72${process.pid}.25`];
    const { node: one } = await writer(hangs, { ms: 4000 });
    await writer(goesOn, { ms: 4000 });
    one.kill('SIGSTOP');
    await eventually(async () => expect(await running(hangs)).toEqual([]));
    expect(await running(goesOn), 'of another process').toHaveLength(2);
    const said = once(one.stdout!, 'data');
    one.kill('SIGCONT');
    expect(String(await said)).toBe('ended 137\n');
  });

  test('what a process would start when it wakes up after its time is not started', async () => {
    const [mark, late] = [`73${process.pid}.25`, `74${process.pid}.25`];
    const again = `child.exited.then(() => { try { startChild({program:'sleep',args:['${late}']}); console.log('started') } catch (error) { console.log(error.name) } })`;
    const { node, stopTelling } = await writer(mark, { ms: 1500, more: again });
    stopTelling();
    node.kill('SIGSTOP');
    await eventually(async () => expect(await running(mark)).toEqual([]));
    let said = '';
    node.stdout!.on('data', (chunk) => {
      said += String(chunk);
    });
    node.kill('SIGCONT');
    await eventually(() => expect(said).toMatch(/WritesEnded|started/));
    expect(said).toContain('WritesEnded');
    expect(await running(late)).toEqual([]);
  });

  test('who ends writers from outside is killed: another one takes its place, and ends them all the same', async () => {
    const mark = `77${process.pid}.25`;
    const { node } = await writer(mark, { ms: 4000 });
    const watchers = () => processesWith(`write-fence\0${String(node.pid)}\0`);
    const [first] = await watchers();
    process.kill(first!.pid, 'SIGKILL');
    await eventually(async () => expect(await watchers()).not.toEqual([first]));
    await eventually(async () => expect(await watchers()).toHaveLength(1));
    node.kill('SIGSTOP');
    await eventually(async () => expect(await running(mark)).toEqual([]));
    node.kill('SIGCONT');
  });

  test('nobody is left behind when the process is killed, or gives the fence up', async () => {
    const mark = `75${process.pid}.25`;
    const { node } = await writer(mark, { ms: 60_000 });
    const watcher = `write-fence\0${String(node.pid)}\0`;
    expect(await processesWith(watcher)).toHaveLength(1);
    node.kill('SIGKILL');
    await eventually(async () => expect(await processesWith(watcher)).toEqual([]));
    const fence = startWriteFence(60_000);
    const own = `write-fence\0${process.pid}\0`;
    await eventually(async () => expect(await processesWith(own)).toHaveLength(1));
    fence[Symbol.dispose]();
    await eventually(async () => expect(await processesWith(own)).toEqual([]));
  });
});

test('within the process nothing is started after the time, whatever the clock of the wall says', async () => {
  const fence = startWriteFence(60_000);
  const child = startChild({ program: 'sleep', args: [`76${process.pid}.25`] });
  fence.prolong(0);
  expect(() => startChild({ program: 'true', args: [] })).toThrow(WritesEnded);
  expect((await child.exited).status, 'ended by its watcher').toBe(137);
  fence.prolong(60_000);
  expect((await startChild({ program: 'true', args: [] }).exited).status).toBe(0);
  fence[Symbol.dispose]();
  expect((await startChild({ program: 'true', args: [] }).exited).status).toBe(0);
});
