import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DiskHistory } from '../../src/engine/report/delta-history.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { headingText, verdictLines } from '../../src/views/plan/verdict.js';
import { printableWords } from '../../src/views/printable.js';
import { type Page, pageText } from '../../src/views/report/page.js';
import { planPage } from '../../src/views/report/plan/plan-page.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { hostileText, seenIn, tagsOf } from './hostile.js';
import { fleetPlan, renamed } from './plans.js';

const assets = { style: '/* style */', script: '/* script */' };
const histories: readonly DiskHistory[] = [
  {
    vm: 'erp-db01',
    disk: 2000,
    deltas: [
      { at: '2026-05-31T22:00:00.000Z', bytes: 3 * 2 ** 30, seconds: 31 },
      { at: '2026-06-01T11:00:00.000Z', bytes: 2 ** 20, seconds: 0 },
    ],
  },
];
const page = (plan: PlanFile, of: readonly DiskHistory[] = []): string =>
  pageText(planPage({ plan, histories: of }, '0.1.0'), assets);

const chartsOf = ({ sections }: Page) => sections.flatMap(({ charts = [] }) => charts);

/** The text of a section, by its id. */
const section = (text: string, id: string): string => new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(text)?.[0] ?? '';

test('one VM of every sort, with a history', async () => {
  const plan = samplePlan();
  // Another one with every field that plans get.
  const text = page(plan, histories).replaceAll(plan.digest, 'sha256:DIGEST');
  await expect(text).toMatchFileSnapshot('../golden/report-plan.html.txt');
});

describe('the words and numbers of the plan', () => {
  const plan = samplePlan();
  const text = page(plan);
  test('begin with the heading and the verdict of the comment', () => {
    const head = /<header>[\s\S]*<\/header>/.exec(text)![0];
    expect(seenIn(/<h1>.*<\/h1>/.exec(head)![0])).toBe(headingText(plan));
    expect([...head.matchAll(/<li>(?!<a)(.*)<\/li>/g)].flatMap(([, lines]) => lines!.split('</li><li>')).map(seenIn)).toEqual(
      verdictLines(plan),
    );
  });
  test('have a row for every VM that the plan tells about, and name the others', () => {
    const rows = [...section(text, 'vms').matchAll(/<th scope="row"><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name);
    const told = plan.migrations.filter(({ actions, diagnostics }) => actions.length + diagnostics.length > 0);
    expect(rows.sort()).toEqual(told.map(({ name }) => name).sort());
    expect(seenIn(section(text, 'vms'))).toContain('web-01 web-02');
  });
  test('say which rules it breaks, unfolded', () => {
    const broken = {
      severity: 'error',
      code: 'MP3020',
      detail: 'rule "x" of the Project: no <owner>',
      address: 'vm/web-01',
    } as const;
    const rules = section(page(samplePlan(undefined, { violations: [broken] })), 'violations');
    expect(rules).not.toContain('<details');
    expect(rules).toContain('rule &quot;x&quot; of the Project: no &lt;owner&gt;');
    expect(section(text, 'violations')).toBe('');
  });
  test('say why each blocked VM is, and what to do, unfolded', () => {
    const blocked = section(text, 'blocked');
    expect(blocked).not.toContain('<details');
    for (const { detail, nextSteps = [] } of plan.blocked)
      for (const words of [detail, ...nextSteps]) expect(seenIn(blocked)).toContain(words);
  });
  test('say what a plan cannot be applied for any more', () => {
    expect(seenIn(section(text, 'windows'))).toMatch(
      /weekend.*1 VM: win-fs1.*Sat 2026-06-06 20:00 UTC to Sun 2026-06-07 00:00 UTC.*expires before it opens/,
    );
    const over = renamed(entries.cutover, 'over', {
      window: { kind: 'once', start: '2026-05-01T15:00:00Z', end: '2026-05-01T23:00:00Z' },
    });
    expect(seenIn(section(page(samplePlan([over])), 'windows'))).toMatch(
      /its window is over.*never: give its VMs another window/,
    );
    const soon = renamed(entries.cutover, 'soon', {
      window: { kind: 'once', start: '2026-06-01T15:00:00Z', end: '2026-06-01T23:00:00Z' },
    });
    const windows = seenIn(section(page(samplePlan([soon])), 'windows'));
    expect(windows).toMatch(/Mon 2026-06-01 15:00 UTC to Mon 2026-06-01 23:00 UTC.*may be applied in it/);
    expect(windows).not.toContain('expires before');
  });
  test('have no rate of what took no time, and the mean of all deltas', () => {
    expect(seenIn(section(page(plan, histories), 'history'))).toMatch(
      /erp-db01 200022026-06-01 11:00 UTC1\.0 MiB0s-99\.1 MiB\/s/,
    );
  });
});

test('without a network: nothing is named that a browser would fetch', () => {
  const tags = tagsOf(page(fleetPlan(50), histories)).join('\n');
  expect(tags).not.toMatch(/\s(?:src|srcset|action|data|poster|background|ping)\s*=|<(?:iframe|object|embed|img|base)/i);
  const links = [...tags.matchAll(/href="([^"]*)"/g)].map(([, to]) => to!);
  expect(links.filter((to) => !/^#[\w-]+$|^data:,$/.test(to))).toEqual([]);
});

test('every place that is linked to or drawn in is there once', () => {
  const text = page(fleetPlan(50), histories);
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
  const drawn = chartsOf(planPage({ plan: fleetPlan(50), histories }, '1')).map(({ id }) => id);
  expect([...wanted, ...drawn].filter((id) => !ids.includes(id))).toEqual([]);
  expect(drawn).toHaveLength(4);
});

describe('names of others', () => {
  const plan = (name: string): PlanFile =>
    samplePlan([
      renamed(entries.cutover, `${name}1`, {
        wave: name,
        window: { kind: 'once', name, start: '2026-06-01T15:00:00Z', end: '2026-06-01T23:00:00Z' },
      }),
      renamed(entries.reset, `${name}2`),
      renamed(entries.delta, `${name}3`, { notes: [name], notCarried: [{ of: name, property: name, value: name, note: name }] }),
    ]);
  const ours = tagsOf(page(plan('plain'), [{ ...histories[0]!, vm: 'plain' }])).filter(
    (tag) => !tag.startsWith('<meta http-equiv'),
  );
  test('make no element and no attribute, wherever they stand', () => {
    fc.assert(
      // A plan with half of a surrogate pair has no digest.
      fc.property(
        hostileText.map((text) => text.replace(/\p{Cs}/gu, '')),
        (name) => {
          const text = page(plan(name), [{ ...histories[0]!, vm: name }]);
          const isLabel = (tag: string): string => tag.replace(/aria-label="[^"]*"/, 'aria-label');
          expect(
            tagsOf(text)
              .filter((tag) => !tag.startsWith('<meta http-equiv'))
              .map(isLabel),
          ).toEqual(ours.map(isLabel));
        },
      ),
      { numRuns: 60 },
    );
  });
  test('are all there, printable', () => {
    const name = `</script><img src=x onerror=hacked=1>\u202e\u0000`;
    const text = seenIn(page(plan(name)));
    for (const number of [1, 2, 3]) expect(text).toContain(printableWords(`${name}${number}`));
  });
});

describe('many VMs', () => {
  test('5,000 stay far below what browsers dislike', () => {
    const text = page(fleetPlan(5000, (sort, index) => `${sort}-of-some-department-with-a-name-as-long-as-names-are-${index}`));
    expect(Buffer.byteLength(text)).toBeLessThan(3e6);
    // Rows that are not folded are what a browser lays out before it shows anything.
    const open = section(text, 'vms').replace(/<details>[\s\S]*?<\/details>/g, '');
    expect(open.match(/<tr>/g)!.length).toBeLessThan(150);
    expect(section(text, 'vms').match(/<th scope="row">/g)).toHaveLength(4500);
  });
  test('as many windows as VMs are drawn as far as they can be told apart, and all told', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      renamed(entries.cutover, `vm-${index}`, {
        window: {
          kind: 'once',
          name: `own ${index}`,
          start: `2026-06-${1 + (index % 28)}T13:00:00Z`.replace(/-(\d)T/, '-0$1T'),
          end: '2026-06-30T00:00:00Z',
        },
      }),
    );
    const charts = chartsOf(planPage({ plan: samplePlan(many), histories: [] }, '1'));
    expect(charts.find(({ kind }) => kind === 'timeline')).toMatchObject({ rows: { length: 25 } });
    expect(section(page(samplePlan(many)), 'windows').match(/<th scope="row">/g)).toHaveLength(300);
  });
});

test.each([
  ['nothing to do', samplePlan([entries.seeded, entries.converted]), 'migplan: no changes'],
  ['no VMs at all', samplePlan([]), 'migplan: no changes'],
  ['only blocked VMs', samplePlan([entries.reset]), 'migplan: 0 to add, 0 to change, 1 blocked'],
])('%s is a page as well', (_, plan, title) => {
  const text = page(plan);
  expect(text).toContain(`<title>${title}</title>`);
  expect(text).not.toContain('undefined');
  expect(text.trimEnd().endsWith('</html>')).toBe(true);
});
