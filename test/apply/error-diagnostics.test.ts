import { expect, test } from 'vitest';
import { errorDiagnostics, toldError } from '../../src/apply/error-diagnostics.js';
import { AlsoNotReleased } from '../../src/apply/release-after.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { ConvertError } from '../../src/convert/errors.js';
import { ProgramTimeout } from '../../src/host/program-timeout.js';
import { TransferError } from '../../src/transfer/errors.js';

const call = 'call';
const detail = 'no\nreally';

test.each([
  new ProviderError({ kind: 'denied', code: 'MP5008', provider: 'vc', call, detail: 'no' }),
  new TransferError({ code: 'MP6001', call, detail }),
  new ConvertError({ code: 'MP7001', call, detail }),
  new ProgramTimeout('/usr/bin/nbdcopy', 1_000),
])('$name is told with its code, and is no bug', (error) => {
  expect(errorDiagnostics(error, 'vm/a')).toMatchObject([
    { severity: 'error', code: error.details.code, address: 'vm/a', detail: expect.stringContaining(`${error.details.call}: `) },
  ]);
});

test('what programs said beyond a line is marked as theirs', () => {
  expect(errorDiagnostics(new TransferError({ code: 'MP6001', call, detail }), 'vm/a')).toMatchObject([
    { detail: 'call: no', lines: ['| really'] },
  ]);
});

test.each([
  ['nobody said stop', new AbortController().signal],
  ['somebody said stop with another reason', AbortSignal.abort(new Error('stop'))],
])('an error that only has the name of an abort is a bug: %s', (_, signal) => {
  const error = new DOMException('This operation was aborted', 'AbortError');
  expect(toldError(error, 'vm/a', { signal })).toEqual({ isAborted: false, diagnostics: [], bug: error });
});

test('what could not be given back after a stop is told, and the stop is none of it', () => {
  const signal = AbortSignal.abort();
  const left = new TransferError({ code: 'MP6001', call, detail });
  expect(toldError(signal.reason, 'vm/a', { signal })).toEqual({ isAborted: true, diagnostics: [] });
  expect(toldError(new AlsoNotReleased(signal.reason, left), 'vm/a', { signal })).toMatchObject({
    isAborted: true,
    diagnostics: [{ code: 'MP6001', nextSteps: ['run the same plan again: it removes what is left'] }],
  });
});

test('an error of somebody else is a bug, though it has details and a code of ours', () => {
  const error = Object.assign(new Error('odd'), { details: { code: 'MP6001', detail: 'odd' } });
  expect(errorDiagnostics(error, 'vm/a')).toBeUndefined();
  expect(toldError(error, 'vm/a', { signal: new AbortController().signal })).toEqual({
    isAborted: false,
    diagnostics: [],
    bug: error,
  });
});
