import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Compiled, compileSources } from '../host/compiled.js';
import { tempFolder } from './in-temp.js';

let compiled: Compiled;
beforeAll(async () => {
  compiled = await compileSources('vm-lock');
});
afterAll(() => compiled[Symbol.asyncDispose]());

/** Waits for a line on stdin, so that all begin together; then says `taken` and holds the lock until stdin ends, or `refused`. */
const script = (path: string) => `
  import { once } from 'node:events';
  import { takeLock } from ${JSON.stringify(compiled.url('state/backend/file-lock.js'))};
  process.stdout.write('ready\\n');
  await once(process.stdin, 'data');
  await takeLock(${JSON.stringify(path)}, 'apply', new Date()).then(
    () => process.stdout.write('taken\\n'),
    (error) => process.stdout.write(error.name === 'LockHeldError' ? 'refused\\n' : String(error.stack)),
  );
  await once(process.stdin, 'end');
`;

interface Taker {
  readonly child: ReturnType<typeof start>['child'];
  said(words: RegExp): Promise<string>;
}

function start(path: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(path)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    child,
    async said(words: RegExp) {
      while (!words.test(text)) await once(child.stdout, 'data');
      return words.exec(text)![0];
    },
  };
}

async function race(
  path: string,
  count: number,
): Promise<{ readonly takers: readonly Taker[]; readonly answers: readonly string[] }> {
  const takers = Array.from({ length: count }, () => start(path));
  await Promise.all(takers.map((taker) => taker.said(/ready/)));
  for (const { child } of takers) child.stdin.write('go\n');
  return { takers, answers: await Promise.all(takers.map((taker) => taker.said(/taken|refused|Error/))) };
}

async function end(takers: readonly Taker[]): Promise<void> {
  await Promise.all(
    takers.map(async ({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    }),
  );
}

// The dead holder makes every taker a breaker: the window between seeing it dead and taking the lock is where two could win.
test('of many processes that break a dead one’s lock at the same time exactly one wins, again and again', async () => {
  const path = join(await tempFolder(), 'vms/x.lock');
  for (let round = 0; round < 4; round++) {
    const { takers, answers } = await race(path, 6);
    try {
      expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'refused')).toHaveLength(5);
    } finally {
      // Killed, not ended: its lock stays for the next round to break.
      const winner = takers[answers.indexOf('taken')];
      if (winner !== undefined) {
        const exited = once(winner.child, 'exit');
        winner.child.kill('SIGKILL');
        await exited;
      }
      await end(takers);
    }
  }
});

test('a breaker that was killed while breaking is broken, too', async () => {
  const path = join(await tempFolder(), 'vms/x.lock');
  const { takers } = await race(path, 1);
  const exited = once(takers[0]!.child, 'exit');
  takers[0]!.child.kill('SIGKILL');
  await exited;
  await writeFile(`${path}.breaking`, await readFile(path, 'utf8'));
  const next = await race(path, 3);
  await end(next.takers);
  expect(next.answers.filter((answer) => answer === 'taken')).toHaveLength(1);
});
