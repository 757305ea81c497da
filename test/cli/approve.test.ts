import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Approval, approvedPart, notApproved, requireApproval } from '../../src/cli/approve.js';
import { ask } from '../../src/cli/ask.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { entries, samplePlan } from '../plan/sample-plan.js';

const plain = samplePlan([entries.delta]);
const irreversible = samplePlan([entries.delta, entries.cutover, entries.merging]);

interface Row {
  readonly name: string;
  readonly plan: typeof plain;
  readonly approval?: Partial<Approval>;
  /** What is typed, one answer a question; undefined: there is no terminal. */
  readonly answers?: readonly (string | undefined)[];
  readonly expected: string;
}

const rows: readonly Row[] = [
  { name: 'a saved plan is its own approval', plan: plain, approval: { isSaved: true }, expected: 'approved' },
  {
    name: 'a saved plan is never asked about',
    plan: irreversible,
    approval: { isSaved: true },
    answers: ['win-fs1'],
    expected: 'MP3008 exit 4, asked 0',
  },
  {
    name: 'a saved plan with --allow-cutover',
    plan: irreversible,
    approval: { isSaved: true, allowCutover: true },
    expected: 'approved',
  },
  { name: 'no terminal', plan: plain, expected: 'MP3010 exit undefined, asked 0' },
  { name: 'no terminal, --auto-approve', plan: plain, approval: { autoApprove: true }, expected: 'approved' },
  {
    name: '--auto-approve never covers a cutover',
    plan: irreversible,
    approval: { autoApprove: true },
    answers: ['win-fs1'],
    expected: 'MP3008 exit 4, asked 0',
  },
  { name: 'both flags', plan: irreversible, approval: { autoApprove: true, allowCutover: true }, expected: 'approved' },
  { name: 'yes', plan: plain, answers: ['yes'], expected: 'approved' },
  { name: 'yes with blanks around it', plan: plain, answers: [' yes '], expected: 'approved' },
  { name: 'y is not yes', plan: plain, answers: ['y'], expected: 'MP3012 exit undefined, asked 1' },
  { name: 'Ctrl-C or the end of the input', plan: plain, answers: [undefined], expected: 'MP3012 exit undefined, asked 1' },
  { name: 'each VM that goes down is named', plan: irreversible, answers: ['yes', 'hr-02', 'win-fs1'], expected: 'approved' },
  {
    name: 'another VM’s name',
    plan: irreversible,
    answers: ['yes', 'hr-02', 'win-fs2'],
    expected: 'MP3012 exit undefined, asked 3',
  },
  { name: 'yes for a name', plan: irreversible, answers: ['yes', 'yes'], expected: 'MP3012 exit undefined, asked 2' },
];

describe('approval', () => {
  test.each(rows)('$name', async ({ plan, approval, answers, expected }) => {
    let asked = 0;
    const answering = answers === undefined ? {} : { ask: async () => answers[asked++] };
    const outcome = await requireApproval(plan, {
      isSaved: false,
      autoApprove: false,
      allowCutover: false,
      ...approval,
      ...answering,
    }).then(
      () => 'approved',
      (error: unknown) => {
        if (!(error instanceof DiagnosticsError)) throw error;
        return `${error.diagnostics.map(({ code }) => code).join()} exit ${error.exit}, asked ${asked}`;
      },
    );
    expect(outcome).toBe(expected);
  });
});

describe('asking at a terminal', () => {
  const terminal = () => ({ input: new PassThrough(), output: new PassThrough() });

  test('gives the line', async () => {
    const { input, output } = terminal();
    const answer = ask('sure? ', input, output);
    input.write('yes\n');
    expect(await answer).toBe('yes');
    expect(String(output.read())).toBe('sure? ');
  });
  test('gives nothing when the input ends: nobody hangs, nothing is taken for an answer', async () => {
    const { input, output } = terminal();
    const answer = ask('sure? ', input, output);
    input.end();
    expect(await answer).toBeUndefined();
  });
});

describe('--auto-approve with a cutover beside syncs', () => {
  const divided = approvedPart(irreversible, { 'auto-approve': true, 'allow-cutover': false });
  test('does the syncs; the plan of those says what it leaves out', () => {
    expect(divided.left.map(({ name }) => name)).toEqual(['hr-02', 'win-fs1']);
    expect(divided.plan).toMatchObject({
      plan: { irreversible: false, applyable: true, complete: false },
      migrations: [{ name: 'erp-db01' }],
      inputs: { selected: ['!vm/hr-02', '!vm/win-fs1'] },
      summary: [expect.stringMatching(/^Plan: 0 to add, 1 to change/), expect.anything()],
    });
  });
  test('says of what is left that nothing was done to it, and how it is approved', () => {
    expect(divided.left.map(notApproved)).toMatchObject([
      { address: 'vm/hr-02', result: 'not-approved' },
      {
        address: 'vm/win-fs1',
        diagnostics: [
          {
            code: 'MP3008',
            detail: 'win-fs1 would be powered off and converted, which cannot be undone; it was left alone',
            nextSteps: ['review the plan and pass --auto-approve --allow-cutover'],
          },
        ],
      },
    ]);
  });
  test('with nothing but cutovers nothing is to be done, and all are left', () => {
    const { plan, left } = approvedPart(samplePlan([entries.cutover]), { 'auto-approve': true, 'allow-cutover': false });
    expect(plan).toMatchObject({ plan: { applyable: false, irreversible: false }, migrations: [] });
    expect(left.map(({ name }) => name)).toEqual(['win-fs1']);
  });
  test.each([
    ['all of it is approved', irreversible, { 'auto-approve': true, 'allow-cutover': true }],
    ['somebody is asked', irreversible, { 'auto-approve': false, 'allow-cutover': false }],
    ['there is no cutover', plain, { 'auto-approve': true, 'allow-cutover': false }],
  ])('is the whole plan where %s', (_name, plan, flags) => {
    expect(approvedPart(plan, flags)).toEqual({ plan, left: [] });
  });
});
