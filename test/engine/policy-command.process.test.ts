import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { policyViolations, requirePolicy } from '../../src/engine/policy/judge-policy.js';
import { interruptible } from '../../src/host/interruption.js';
import type { PlanRules } from '../../src/model/plan-rules.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { entries, samplePlan } from '../plan/sample-plan.js';

const plan = samplePlan([entries.cutover]);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rules with a program of this text, or with a command as it is. */
async function rulesWith(program: string | readonly [string, ...string[]], timeoutMs = 30_000): Promise<PlanRules> {
  const rules = { of: 'the Project', places: {} };
  if (typeof program !== 'string') return { ...rules, command: { argv: program, folder, timeoutMs } };
  await writeFile(join(folder, 'check'), program);
  await chmod(join(folder, 'check'), 0o755);
  return { ...rules, command: { argv: ['./check', '--strict', '$(touch pwned); echo'], folder, timeoutMs } };
}

const violations = async (rules: PlanRules, of: PlanFile = plan) =>
  policyViolations(of, { rules: [rules], kind: 'made', now: new Date(of.plan.created_at), begun: [] });

const answers = (json: string, rest = ''): string => `#!/bin/sh\ncat >plan.json\n${rest}\ncat <<'END'\n${json}\nEND\n`;

describe('a program that judges plans', () => {
  test('gets the plan, its arguments as they are, and none of our secrets', async () => {
    vi.stubEnv('VCENTER_PASSWORD', 'hunter2');
    onTestFinished(() => void vi.unstubAllEnvs());
    const rules = await rulesWith(answers('{"violations": []}', 'env >env; printf "%s\\n" "$@" >args'));
    expect(await violations(rules)).toEqual([]);
    expect(JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(await readFile(join(folder, 'args'), 'utf8')).toBe('--strict\n$(touch pwned); echo\n');
    expect(await readFile(join(folder, 'env'), 'utf8')).not.toContain('hunter2');
    await expect(readFile(join(folder, 'pwned'))).rejects.toThrow('ENOENT');
  });

  test('answers what it has against it, with what it said besides', async () => {
    const answer =
      '{"violations": [{"rule": "tags", "message": "no owner", "address": "vm/win-fs1"}, {"rule": "x", "message": "y"}]}';
    const found = await violations(await rulesWith(answers(answer, 'echo "looked at 1 VM" >&2')));
    expect(found.map(({ code, address, detail, lines }) => [code, address, detail, lines])).toEqual([
      ['MP3020', 'vm/win-fs1', 'rule "command" of the Project: tags: no owner', ['it said: looked at 1 VM']],
      ['MP3020', undefined, 'rule "command" of the Project: x: y', ['it said: looked at 1 VM']],
    ]);
  });

  test('is not asked about a plan that does nothing', async () => {
    expect(await violations(await rulesWith(['./not-there']), samplePlan([entries.seeded]))).toEqual([]);
  });

  test('may take longer than a timer can be set for', async () => {
    expect(await violations(await rulesWith(answers('{"violations": []}'), 30 * 86_400_000))).toEqual([]);
  });

  test('that does not read the plan may answer all the same', async () => {
    expect(await violations(await rulesWith('#!/bin/sh\necho \'{"violations": []}\'\n'))).toEqual([]);
  });

  // What ends well without having judged anything is the common fault of such programs.
  test.each<[string, string | readonly [string, ...string[]], RegExp]>([
    ['says nothing', '#!/bin/sh\nexit 0\n', /answer of \.\/check is not understood: it is empty/],
    ['says an empty object', answers('{}'), /no list "violations"/],
    ['says null', answers('null'), /no list "violations"/],
    ['says something else', answers('PASS: 3 tests'), /it is not JSON/],
    ['answers in the format of another tool', answers('[{"failures": []}]'), /no list "violations"/],
    ['has more to say', answers('{"violations": [], "errors": ["policy not loaded"]}'), /it has a field "errors"/],
    ['has a violation without a message', answers('{"violations": [{"rule": "x"}]}'), /violations\[0\] has to have/],
    ['answers twice', answers('{"violations": []}\n{"violations": [{"rule": "x", "message": "y"}]}'), /it is not JSON/],
    [
      'takes its violations back',
      answers('{"violations": [{"rule": "x", "message": "y"}], "violations": []}'),
      /it says "violations" twice/,
    ],
    ['is of bytes that are no text', '#!/bin/sh\nprintf \'{"violations": []}\\377\'\n', /it is no UTF-8/],
    ['ends with an error', answers('{"violations": []}', 'trap "exit 3" EXIT'), /\.\/check ended with 3/],
    ['is killed', '#!/bin/sh\nkill -KILL $$\n', /\.\/check ended with 137/],
    ['talks without end', '#!/bin/sh\nhead -c 3000000 /dev/zero | tr "\\0" " "\n', /answered more than 1048576 bytes/],
    ['is not there', ['./not-there'], /\.\/not-there is no program that can be run/],
    ['is nowhere in PATH', ['no-such-program-here'], /no-such-program-here is no program/],
    ['is a folder', ['/tmp'], /\/tmp ended with 12\d/],
  ])('has not judged the plan when it %s', async (_name, program, why) => {
    const [found, ...others] = await violations(await rulesWith(program));
    expect([found?.code, others]).toEqual(['MP3021', []]);
    expect(found?.detail).toMatch(why);
  });

  test('has not judged it when it takes too long, and is gone then', async () => {
    const rules = await rulesWith('#!/bin/sh\necho $$ >pid\nsleep 1000\n', 10_000);
    expect((await violations(rules))[0]?.detail).toContain('./check had no answer after 10 s');
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('ends when somebody says stop', async () => {
    const rules = await rulesWith('#!/bin/sh\nsleep 1000\n');
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), 300);
    await expect(interruptible(stop.signal, () => violations(rules))).rejects.toThrow('stopped');
  });

  test('refuses a plan at apply, with nothing changed', async () => {
    const asked = { rules: [await rulesWith(['false'])], now: new Date(plan.plan.created_at), begun: [] };
    await expect(requirePolicy(plan, asked)).rejects.toMatchObject({
      exit: 4,
      diagnostics: [{ code: 'MP3021', detail: expect.stringMatching(/nothing was changed$/) as string }],
    });
    await expect(requirePolicy(plan, { ...asked, begun: ['vm/win-fs1'] })).resolves.toBeUndefined();
  });
});
