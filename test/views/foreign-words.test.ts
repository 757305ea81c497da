import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printable, printableJson, withoutControls } from '../../src/diag/printable.js';
import { applyView } from '../../src/views/apply/select.js';
import { diffView } from '../../src/views/diff/view.js';
import { doctorView } from '../../src/views/doctor/view.js';
import { driftView } from '../../src/views/drift/view.js';
import { initView } from '../../src/views/init/view.js';
import { planView } from '../../src/views/plan/select.js';
import { machineTypeView } from '../../src/views/status/machine-types.js';
import { statusView } from '../../src/views/status/view.js';
import { validateView } from '../../src/views/validate/view.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import { samplePlan } from '../plan/sample-plan.js';
import { viewOptions } from './streams.js';

/** A VM's name, a file's name or a fault's text with everything that forges or hides. */
const POISON = [
  'a\u001b[2J\u009b1m\u0007\r\nError: forged\n::add-mask::x\u2028::y\u2029z\u0085',
  '\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\u00ad\u180e',
  '\u{e0001}\u{e0041}\u{e007f}\u115f\u3164\u034f\ud800!',
].join('');

/** Whatever is left of it in an output. Our own line ends and the spaces of tables are no harm. */
const HARM = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|\u115f|\u3164|\u034f|^\s*(Error: forged|::)/mu;

/** Fields that a view decides by, and times: everything else may be anybody's words. */
const DECIDING =
  /^(kind|type|code|severity|actions?|result|status|state|firmware|word|.*_at|at|detail_level|phase|power|reason|since|changeId|base|mode|stage|confidence|cron|timezone|copy|.*reason)$/;

function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return DECIDING.test(key) || /\/\d+$/.test(value) ? value : `${value}${POISON}`;
  if (Array.isArray(value))
    return key === 'actions' && typeof value[0] === 'string' ? value : value.map((part) => poisoned(part, key));
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, poisoned(part, name)]));
}

const words = <T>(value: T): T => poisoned(value) as T;

const diagnostic = words({
  severity: 'error' as const,
  code: 'MP5004' as const,
  address: 'vm/x',
  detail: 'vc: Login: ',
  nextSteps: ['do '],
  source: { file: 'manifests/x.yaml', start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } },
  related: {
    detail: 'first here ',
    source: { file: 'y.yaml', start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } },
  },
});

const says: Readonly<Record<string, (options: ViewOptions) => void>> = {
  plan: (options) => {
    const view = planView(options);
    const plan = words(samplePlan());
    view.plan({ ...plan, notes: [POISON], blocked: [...plan.blocked, diagnostic] }, { detail: 'full' } as never);
    view.saved(POISON, plan);
    view.diagnostics([diagnostic]);
  },
  apply: (options) => {
    const view = applyView(options);
    view.event({ type: 'note', address: POISON as 'vm/x', note: { kind: 'conversion-warning', said: POISON } });
    const bug = new Error(POISON);
    view.outcome({ address: POISON, result: 'failed', diagnostics: [diagnostic], bug } as never);
    view.diagnostics([diagnostic]);
    view.alreadyApplied('2026-01-01T00:00:00Z', POISON);
    view.close?.();
  },
  validate: (options) => validateView(options).validated([diagnostic], { files: 1, migrations: 1 }),
  doctor: (options) => {
    doctorView(options).checked([{ name: POISON, found: POISON, diagnostics: [diagnostic] }]);
    doctorView(options).note(POISON);
  },
  status: (options) =>
    statusView(options).status({
      disks: [{ address: POISON, phase: 'seed', power: POISON, volume: POISON, changeId: { epoch: POISON, sequence: 1 } }],
      running: [
        {
          address: POISON,
          operation: POISON,
          who: POISON,
          host: POISON,
          pid: 1,
          since: POISON,
          isSeen: false,
          step: { kind: POISON as never, since: POISON, stage: POISON, percent: 1 },
          copies: [{ disk: 1, isDone: false, bytesDone: 1, bytesTotal: 2, at: POISON }],
        },
      ],
      leftovers: [POISON],
      unclaimed: [{ provider: POISON, volume: POISON, name: POISON, vm: POISON, disk: 1 }],
      unseen: [{ provider: POISON, why: POISON }],
    }),
  machineTypes: (options) =>
    machineTypeView(options).machineTypes([
      { address: POISON, declared: POISON, captured: POISON, volume: POISON, server: POISON, said: POISON },
    ]),
  drift: (options) =>
    driftView(options).drift({
      vms: 1,
      drifted: [{ address: POISON, diagnostics: [diagnostic] }],
      since: [
        {
          address: POISON,
          apply: {
            recorded: 'here',
            run: POISON as never,
            plan: POISON,
            at: POISON,
            unfinished: [POISON],
            changes: [{ address: POISON, field: POISON, before: POISON, after: { [POISON]: [POISON] } }],
          },
        },
      ],
      notes: [POISON],
    }),
  diff: (options) => {
    const plan = words(samplePlan());
    const differences = [{ field: POISON, before: POISON, after: { [POISON]: POISON } }];
    const vms = [{ address: POISON, kind: 'changed' as const, differences }];
    diffView(options).compared({ vms, common: differences, same: 0 }, { before: plan, after: plan });
  },
  init: (options) => initView(options).initialized({ written: [POISON], unignored: [POISON], unused: [POISON] }),
};

describe.each(Object.entries(says))('%s', (_name, say) => {
  test.each(['human', 'json'] as const)('foreign words forge no line and hide nothing (%s)', (format) => {
    const told: string[] = [];
    const keep = (text: string) => void told.push(text);
    say(viewOptions({ out: keep, err: keep, outIsTerminal: false, errIsTerminal: false, columns: 100, rows: 24 }, { format }));
    const text = told.join('');
    expect(text).toContain(format === 'json' ? '\\u001b' : '\\u{1b}');
    expect(HARM.exec(text)).toBeNull();
  });
});

describe('printable', () => {
  test.each([
    ['line end', 'a\nb', 'a\\nb'],
    ['return and tab', 'a\r\tb', 'a\\r\\tb'],
    ['arabic letter mark', '\u061c', '\\u{61c}'],
    ['zero width', '\u200b\u200c\u200d', '\\u{200b}\\u{200c}\\u{200d}'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['word joiner, byte order mark', '\u2060\ufeff', '\\u{2060}\\u{feff}'],
    ['tags', '\u{e0041}', '\\u{e0041}'],
    ['names of people and emoji stay', 'Zoë Müller – Łódź 東京 ❤️ 🚀 a b', 'Zoë Müller – Łódź 東京 ❤️ 🚀 a b'],
  ])('%s', (_name, text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(printable(expected)).toBe(expected);
  });

  test('JSON keeps its values', () => {
    const value = { name: POISON.replace('\ud800', '') };
    const text = printableJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(text)).toEqual(value);
    expect(HARM.test(text)).toBe(false);
  });

  test('the last net leaves colours and lines, and nothing else that controls', () => {
    expect(withoutControls('\u001b[31mred\u001b[0m\n\u001b]0;title\u0007\u009b2J')).toBe(
      '\u001b[31mred\u001b[0m\n\\u{1b}]0;title\\u{7}\\u{9b}2J',
    );
  });
});

/** Every file of a folder with its text. */
function sources(folder: string): { readonly file: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
}

describe('nothing goes by them', () => {
  test('a view is made by selectView, and JSON by jsonText', () => {
    const others = sources('src/views').filter(({ file }) => file !== 'src/views/printable.ts');
    expect(others.filter(({ text }) => /JSON\.stringify|case 'human'|=== 'json'/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  test('what commands print themselves is constant, whole data, or printable', () => {
    const calls = sources('src')
      .filter(({ file }) => !file.startsWith('src/views/'))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/treams\.(?:out|err)\(([\s\S]*?)\);/g)].map(([, what = '']) => ({ file, what })),
      );
    expect(calls.length).toBeGreaterThan(3);
    const isFine = (what: string): boolean =>
      /printable|bugLines|diagnosticText|usageText/.test(what) || !/\$\{(?!lost\})/.test(what);
    expect(calls.filter(({ what }) => !isFine(what))).toEqual([]);
  });

  test('the terminal is written to by streams.ts alone, and asked at by ask.ts', () => {
    const direct = sources('src').filter(({ text }) => /(?<!sub)process\.std(out|err)|console\.(log|error|warn)/.test(text));
    expect(direct.map(({ file }) => file)).toEqual(['src/cli/ask.ts', 'src/views/streams.ts']);
  });

  test('what a provider says becomes a ProviderError in its errors.ts alone', () => {
    const makers = sources('src').filter(({ text }) => text.includes('new ProviderError('));
    expect(makers.map(({ file }) => file).sort()).toEqual([
      'src/providers/nbd/errors.ts',
      'src/providers/openstack/http/errors.ts',
      'src/providers/vmware/errors.ts',
    ]);
  });
});
