import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { applyCommand } from '../../src/views/command-line.js';

test.each([
  ['plan.json', {}],
  ['plans/of today.json', { chdir: "it's/mine", trust: '../trust/$(id)/`x`.yaml' }],
  ['*.json', { chdir: '', trust: undefined }],
])('a shell takes %s as it was typed', (path, calledWith) => {
  const printed = execFileSync('sh', ['-c', `migplan() { printf '%s\\n' "$@"; }; ${applyCommand(path, calledWith)}`], {
    encoding: 'utf8',
  });
  const { chdir, trust } = { chdir: undefined, trust: undefined, ...calledWith };
  const options = [chdir === undefined ? [] : ['--chdir', chdir], trust === undefined ? [] : ['--trust', trust]].flat();
  expect(printed).toBe(['apply', path, ...options, ''].join('\n'));
});
