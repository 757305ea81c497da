import { expect, test } from 'vitest';
import { errorDiagnostics, toldError } from '../../src/apply/error-diagnostics.js';
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

test('an error of somebody else is a bug, though it has details and a code of ours', () => {
  const error = Object.assign(new Error('odd'), { details: { code: 'MP6001', detail: 'odd' } });
  expect(errorDiagnostics(error, 'vm/a')).toBeUndefined();
  expect(toldError(error, 'vm/a')).toEqual({ isAborted: false, diagnostics: [], bug: error });
});
