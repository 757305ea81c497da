import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

// Goal: nothing that failed passes for done, whatever ran beside it.
const steps = pathToFileURL(join(process.cwd(), 'scripts/steps.mjs')).href;

/** `ms`: after so long no further step is begun. */
function runSteps(list: unknown, ms?: number) {
  const until = ms === undefined ? '' : `, Date.now() + ${ms}`;
  const script = `import { runSteps } from '${steps}'; await runSteps(${JSON.stringify(list)}${until});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return { status, told: stdout + stderr };
}
const shell = (name: string, script: string) => [name, 'sh', ['-c', script]];

test('steps beside each other: all of them are run and told, before what follows', () => {
  const lanes = [[shell('a', 'echo "said by a"')], [shell('b', 'echo "said by b"'), shell('c', 'true')]];
  const { status, told } = runSteps([{ beside: lanes }, shell('d', 'echo "said by d"')]);
  expect(status).toBe(0);
  for (const text of ['said by a', 'said by b']) expect(told.indexOf(text)).toBeLessThan(told.indexOf('said by d'));
  for (const name of ['a', 'b', 'c', 'd']) expect(told).toMatch(new RegExp(`^ {2}${name} +[0-9.]+ s$`, 'm'));
});

test.each([
  ['in the list that is heard', 0],
  ['in the list beside it', 1],
] as const)('a step that fails %s: its exit code, what it said, and nothing is begun after it', (_, place) => {
  const failing = [shell('bad', 'echo "why it failed"; exit 7'), shell('next', 'echo "began all the same"')];
  const other = [shell('slow', 'sleep 0.5'), shell('next', 'echo "began all the same"')];
  const { status, told } = runSteps([{ beside: place === 0 ? [failing, other] : [other, failing] }, shell('last', 'true')]);
  expect(status).toBe(7);
  expect(told).toContain('why it failed');
  expect(told).toContain('bad failed (exit 7).');
  expect(told).not.toContain('\nbegan all the same');
});

test('a step that is killed is one that failed', () => {
  expect(runSteps([shell('bad', 'kill -9 $$')])).toMatchObject({
    status: 1,
    told: expect.stringContaining('bad failed (SIGKILL).'),
  });
});

test('what is late is not begun, and is named; what was begun ends, and what fails fails', () => {
  const list = (end: string) => [
    shell('slow', `sleep 1; ${end}`),
    { beside: [[shell('b', 'echo "began all the same"')], [shell('c', 'echo "began all the same"')]] },
    shell('d', 'echo "began all the same"'),
  ];
  const { status, told } = runSteps(list('true'), 500);
  expect(status).toBe(0);
  expect(told).toContain('Not begun, because it was late: b, c, d.');
  expect(told).not.toContain('\nbegan all the same');
  expect(runSteps(list('exit 7'), 500)).toMatchObject({ status: 7 });
  expect(runSteps(list('true'), 600_000).told).not.toContain('Not begun');
});
