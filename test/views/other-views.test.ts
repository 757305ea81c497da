import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { doctorView } from '../../src/views/doctor/view.js';
import { statusView } from '../../src/views/status/view.js';
import { style } from '../../src/views/style.js';
import { validateView } from '../../src/views/validate/view.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import { RecordingStreams, viewOptions } from './streams.js';

const range = (line: number) => ({
  file: 'erp.yaml',
  start: { line, column: 3, offset: 9 },
  end: { line, column: 8, offset: 14 },
});
const error: Diagnostic = {
  severity: 'error',
  code: 'MP1010',
  detail: 'cutover: true contradicts phase: sync',
  source: range(7),
  related: { source: range(5), detail: 'phase: sync is given here' },
  nextSteps: ['Remove cutover', 'Or write: phase: cutover'],
};
const warning: Diagnostic = { severity: 'warning', code: 'MP1014', detail: 'manifests/*.yaml matches no file' };

const formats = ['human', 'json'] as const;
const recorded = (format: ViewOptions['format'], say: (options: ViewOptions, title: (text: string) => void) => void): string => {
  const streams = new RecordingStreams();
  say(viewOptions(streams, { format }), (text) => streams.out(`\n===== ${text}\n`));
  return streams.text;
};

describe.each(formats)('%s', (format) => {
  test('validate', async () => {
    const text = recorded(format, (options, title) => {
      const view = validateView(options);
      title('errors');
      view.validated([error, warning], { files: 3, migrations: 2 });
      title('one file');
      view.validated([], { files: 1, migrations: 1 });
      title('a warning');
      view.validated([warning], { files: 3, migrations: 2 });
    });
    await expect(text).toMatchFileSnapshot(`../golden/validate-view.${format}.txt`);
  });

  test('status', async () => {
    const text = recorded(format, (options, title) => {
      const view = statusView(options);
      title('disks and leftovers');
      const disk = { phase: 'sync', power: 'on', volume: '7c1e1111-2222-3333-4444-5555555555a2' } as const;
      view.status({
        disks: [
          {
            ...disk,
            address: 'vm/erp-db01/disk/2000',
            state: 'clean',
            changeId: { epoch: '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63', sequence: 81 },
            lastSync: '2026-06-01T11:59:30.123Z',
          },
          { ...disk, address: 'vm/erp-db01/disk/2001', state: 'seeding', percentDone: 37 },
          { ...disk, address: 'vm/web/disk/2000', phase: 'cutover', power: 'off', state: 'converted' },
          { address: 'vm/gone', phase: 'seed', power: 'not-found' },
        ],
        running: [
          {
            ...{ address: 'vm/web', operation: 'apply runrunrunrun', who: 'ops@conv1', host: 'conv1', pid: 4648 },
            ...{ since: '2026-06-01T11:59:30.123Z', isSeen: true, step: { kind: 'sync', since: '2026-06-01T11:59:40.123Z' } },
            copies: [
              { disk: 2000, isDone: true, bytesDone: 5, bytesTotal: 5, at: '2026-06-01T12:00:00.000Z' },
              { disk: 2001, isDone: false, bytesDone: 2 ** 30, bytesTotal: 3 * 2 ** 30, at: '2026-06-01T12:00:10.000Z' },
              { disk: 2002, isDone: false },
            ],
          },
          {
            ...{ address: 'vm/win', operation: 'apply runrunrunrun', who: 'ops@conv2', host: 'conv2', pid: 7 },
            ...{ since: '2026-06-01T11:59:30.123Z', isSeen: false },
            step: { kind: 'convert', since: '2026-06-01T11:59:40.123Z', stage: 'Converting', percent: 16 },
          },
          {
            ...{ address: 'vm/db', operation: 'doctor', who: 'ops@conv1', host: 'conv1', pid: 8 },
            ...{ since: '2026-06-01T11:59:30.123Z', isSeen: true },
          },
        ],
        leftovers: ['vm/erp-db01: snapshot snapshot-7'],
        unclaimed: [
          {
            provider: 'prod',
            volume: '7c1e',
            name: 'old-2000',
            vm: '501b2f6e',
            disk: 2000,
            state: 'clean',
            changeId: { epoch: 'e', sequence: 5 },
          },
        ],
        unseen: [{ provider: 'dr', why: 'POST /auth/tokens: the login was refused' }],
      });
      title('nothing');
      view.status({ disks: [], running: [], leftovers: [], unclaimed: [], unseen: [] });
    });
    await expect(text).toMatchFileSnapshot(`../golden/status-view.${format}.txt`);
  });

  test('doctor', async () => {
    const text = recorded(format, (options) => {
      doctorView(options).checked([
        { name: 'programs that move bytes', found: 'nbdkit 1.32.5', diagnostics: [] },
        { name: 'project', found: '2 migrations', diagnostics: [warning] },
        {
          name: 'provider vc01',
          found: '',
          diagnostics: [
            {
              severity: 'error',
              code: 'MP5001',
              address: 'provider/vc01',
              detail: 'vc01: Login: wrong user name or password',
              nextSteps: ['check GOVC_PASSWORD'],
            },
          ],
        },
      ]);
    });
    await expect(text).toMatchFileSnapshot(`../golden/doctor-view.${format}.txt`);
  });
});

test.each([
  ['a terminal', { isTerminal: true, env: {} }, true],
  ['no terminal', { isTerminal: false, env: {} }, false],
  ['NO_COLOR', { isTerminal: true, env: { NO_COLOR: '1' } }, false],
  ['an empty NO_COLOR does not count', { isTerminal: true, env: { NO_COLOR: '' } }, true],
  ['TERM=dumb', { isTerminal: true, env: { TERM: 'dumb' } }, false],
  ['--no-color', { isTerminal: true, off: true, env: { FORCE_COLOR: '1' } }, false],
  ['FORCE_COLOR', { isTerminal: false, env: { FORCE_COLOR: '1' } }, true],
  ['FORCE_COLOR=0', { isTerminal: false, env: { FORCE_COLOR: '0' } }, false],
] as const)('colour: %s', (_name, choice, coloured) => {
  expect(style(choice).danger('x') !== 'x').toBe(coloured);
});
