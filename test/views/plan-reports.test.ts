import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import type { PlannedEntry } from '../../src/plan/file/planned-entry.js';
import type { ReportFormat } from '../../src/views/plan/report/formats.js';
import { reportFormats } from '../../src/views/plan/report/formats.js';
import { githubOutputs } from '../../src/views/plan/report/github.js';
import { BYTES_MAX, CHARACTERS_MAX } from '../../src/views/plan/report/markdown.js';
import { planReport } from '../../src/views/plan/select.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { RecordingStreams, viewOptions } from './streams.js';

const sample = samplePlan();
const calm = samplePlan([entries.seeded, entries.converted]);

/** What goes to stdout, to be sent to a file. */
async function report(format: ReportFormat, plan = sample): Promise<string> {
  const streams = new RecordingStreams();
  (await planReport(viewOptions(streams), format)).plan(plan, { detail: 'auto' });
  return streams.text;
}

/** Many VMs like some of the sample, of equal warnings. */
function fleet(count: number, from: readonly PlannedEntry[], name = (index: number) => `app-${String(index).padStart(5, '0')}`) {
  return Array.from({ length: count }, (_, index): PlannedEntry => {
    const like = from[index % from.length]!;
    const own = name(index);
    const diagnostics = like.diagnostics.map((one) => ({
      ...one,
      address: `vm/${own}`,
      detail: one.detail.replaceAll(like.name, own),
    }));
    return { ...like, address: `vm/${own}`, name: own, diagnostics };
  });
}
/** Those that the text does not name. */
function without(text: string, all: readonly PlannedEntry[]): PlannedEntry[] {
  const named = new Set([...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  return all.filter(({ name }) => !named.has(name));
}
const listsOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^\| |^\*\*\w[\w ]+ as well\*\*/.test(line))
    .join('\n');
const everySort = Object.values(entries);
const warned: PlannedEntry = {
  ...entries.delta,
  diagnostics: [{ severity: 'warning', code: 'MP5008', detail: 'erp-db01: Datastore.Browse is missing' }],
};

describe.each(reportFormats)('as %s', (format) => {
  test('one VM of every sort', async () => {
    await expect(await report(format)).toMatchFileSnapshot(`../golden/plan-report.${format}.txt`);
  });
  test('is the same however often it is asked for', async () => {
    expect(await report(format)).toBe(await report(format));
  });
  test('nothing to do, and no VMs at all, are said as well', async () => {
    expect((await report(format, calm)).length).toBeGreaterThan(0);
    expect((await report(format, samplePlan([]))).length).toBeGreaterThan(0);
  });
  test('the report alone is on stdout; what is wrong with the files and where the plan is saved goes to stderr', async () => {
    const streams = new RecordingStreams();
    const view = await planReport(viewOptions(streams), format);
    view.diagnostics([{ severity: 'warning', code: 'MP1014', detail: 'no manifests' }]);
    view.saved('plan.json', sample);
    view.notSaved();
    expect(streams.text.split('\n').filter((line) => line !== '' && !line.startsWith('stderr| '))).toEqual([]);
  });
});

describe('a comment on a pull request', () => {
  // Body is too long, and nothing at all is posted: what tfcmt, tfnotify and others met.
  test.each([1, 20, 100, 1000, 5000])('of %i VMs fits', async (count) => {
    const text = await report('markdown', samplePlan(fleet(count, [...everySort, warned])));
    expect(text.length).toBeLessThanOrEqual(CHARACTERS_MAX);
    expect(text.split('\n')[1]).toMatch(count > 100 ? /\(shortened\)$/ : /^### migplan: /);
  });
  // Infracost counted characters where GitHub counts bytes.
  test.each(['🚀', '|@', '\u202e'])('of 5,000 VMs with names of %j that are all cut over, with windows, fits', async (glyph) => {
    const many = fleet(5000, [entries.cutover, entries.reset], (index) => `${glyph.repeat(100)}${index}`);
    const text = await report('markdown', samplePlan(many));
    expect(text.length).toBeLessThanOrEqual(CHARACTERS_MAX);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(BYTES_MAX);
  });
  // Whoever approves a plan has to see every VM that goes down, and whoever waits for one that it is blocked.
  test.each([250, 600, 1500, 3000])('of %i VMs that are all cut over or blocked names every one', async (count) => {
    const all = fleet(count, [entries.cutover, entries.reset, entries.merging]);
    const text = await report('markdown', samplePlan([...all, ...fleet(200, [entries.delta], (index) => `calm-${index}`)]));
    expect(text.length).toBeLessThanOrEqual(CHARACTERS_MAX);
    expect(without(text, all).map(({ name }) => name)).toEqual([]);
    expect(text).not.toContain('have no room here');
  });
  test.each([
    ['half of each', [entries.cutover, entries.reset]],
    ['nearly all blocked', [entries.cutover, ...Array.from({ length: 99 }, () => entries.reset)]],
  ])('of more than have room, %s, says how many are left out, and what lists them', async (_, from) => {
    const all = fleet(3000, from, (index) => `application-server-of-department-${index}`);
    const text = await report('markdown', samplePlan(all));
    expect(text.length).toBeLessThanOrEqual(CHARACTERS_MAX);
    expect(text.length, 'the room is used').toBeGreaterThan(CHARACTERS_MAX - 1000);
    const absent = without(listsOf(text), all);
    const [final, blocked] = ['cutover', 'sync'].map((phase) => absent.filter((one) => one.phase === phase).length);
    const parts = [...(final! > 0 ? [`${final} cut over`] : []), `${blocked} blocked`];
    expect(blocked).toBeGreaterThan(0);
    expect(text).toContain(
      `\n${parts.join(' and ')} have no room here: \`migplan show --detail vm\` of the saved plan lists them.`,
    );
    expect(final! > 0).toBe(from.length === 2);
  });
  test('1,000 VMs that only are synchronised still have a row each', async () => {
    const text = await report('markdown', samplePlan(fleet(800, [entries.delta])));
    expect(text.match(/^\| `~` \|/gm)).toHaveLength(800);
  });
  // Atlantis cuts a long plan in two, and half a fence or half an element swallows what comes after.
  test.each([1, 60, 5000])('of %i VMs leaves nothing open', async (count) => {
    const text = await report('markdown', samplePlan(fleet(count, everySort)));
    expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
    expect((text.match(/^`{3,}/gm) ?? []).length % 2).toBe(0);
    expect(text.trimEnd()).toMatch(/<\/sub>$/);
  });
  // In Terrateam's comment the counts were folded away with the rest.
  test('says what goes down, what is copied and what is blocked before anything is folded', async () => {
    const seen = (await report('markdown')).split('<details>')[0]!;
    expect(seen).toContain('**2 VMs go down**: `batch-02` (');
    expect(seen).toContain('`win-fs1` (from Sat 2026-06-06 20:00 UTC for 4h 0m; off: 1m 20s by the last delta');
    expect(seen).toContain('Full seed up to 112.0 GiB');
    expect(seen).toContain('**2 VMs are blocked**: `crm-01`, `mail-01`.');
    expect(seen).toContain('- Changed block tracking was reset (MP2006): `vm/crm-01/disk/2000`, `manifests/crm-01.yaml:9:3`');
  });
  // Others are asked for a comment that is written over, and not another one for every commit.
  test('begins with the same line for every plan of the same VMs, and another one for others', async () => {
    const first = async (plan = sample): Promise<string> => (await report('markdown', plan)).split('\n')[0]!;
    expect(await first()).toMatch(/^<!-- migplan-plan [0-9a-f]{16} -->$/);
    expect(await first(calm)).toBe(await first());
    expect(await first(samplePlan(everySort, { selected: ['vm/erp-*'] }))).not.toBe(await first());
  });
  test('tells equal warnings once, with how many they are', async () => {
    const text = await report('markdown', samplePlan(fleet(190, [warned])));
    expect(text.match(/MP5008/g)).toHaveLength(191);
    expect(text).toMatch(/\(MP5008\) \(190 times\): `vm\/app-00000`, .* and 185 more/);
  });
  // Infracost listed every project in which nothing changed.
  test('counts what does not change instead of naming it', async () => {
    const text = await report('markdown', samplePlan([...fleet(300, [entries.seeded]), entries.delta]));
    expect(text).toContain('300 VMs unchanged.');
    expect(text).not.toContain('app-00007');
  });
  test('has a table for each wave, in the order of numbers', async () => {
    const waves = ['10', '2', undefined].map((wave, index): PlannedEntry => {
      const [one] = fleet(1, [entries.delta], () => `w-${index}`);
      return { ...one!, ...(wave === undefined ? {} : { wave }) };
    });
    const text = await report('markdown', samplePlan(waves));
    expect(text.match(/\*\*(Wave `\d+`|No wave)\*\*/g)).toEqual(['**Wave `2`**', '**Wave `10`**', '**No wave**']);
  });
});

describe('for GitLab', () => {
  test('exactly three numbers', async () => {
    expect(JSON.parse(await report('gitlab'))).toEqual({ create: 2, update: 10, delete: 0 });
  });
});

describe('for GitHub', () => {
  const lines = async (plan = sample): Promise<string[]> => (await report('github', plan)).trimEnd().split('\n');
  // It shows ten of a kind, and drops the others without a word.
  test('no more than ten annotations of a kind, the last of which says how many are left', async () => {
    const details = Array.from({ length: 25 }, (_, index): PlannedEntry => {
      const [one] = fleet(1, [entries.reset], () => `vm-${index}`);
      return { ...one!, diagnostics: [{ severity: 'error', code: 'MP2011', detail: `reason ${index}` }] };
    });
    const errors = (await lines(samplePlan(details))).filter((line) => line.startsWith('::error '));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)).toBe('::error title=migplan::16 more are in the log and in the plan');
  });
  test('percent signs, colons and commas of others do not end a property', async () => {
    const source = { file: 'a,b:c%0A.yaml', start: { line: 3, column: 1, offset: 0 }, end: { line: 3, column: 2, offset: 1 } };
    const odd: PlannedEntry = {
      ...entries.reset,
      diagnostics: [{ severity: 'error', code: 'MP2011', detail: '50 %0A::error::x', source }],
    };
    const [first] = await lines(samplePlan([odd]));
    expect(first).toMatch(/^::error file=a%2Cb%3Ac%250A\.yaml,line=3,col=1,title=[^:]+::vm\/crm-01: 50 %250A::error::x$/);
  });
  test('outputs for the steps after it are one line each', () => {
    const outputs = githubOutputs(sample);
    expect(outputs).toMatch(
      /^changes=true\nirreversible=true\nadd=2\nchange=10\nblocked=2\nviolations=0\ndigest=sha256:[0-9a-f]{64}\nexpires=\S+\n$/,
    );
  });
});

describe('JUnit', () => {
  interface Case {
    readonly name: string;
    readonly result: string;
  }
  function casesOf(xml: string): Case[] {
    const cases: { name: string; result: string }[] = [];
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name, attributes }) => {
      if (name === 'testcase') cases.push({ name: String(attributes['name']), result: 'passed' });
      if (name === 'failure' || name === 'skipped') cases.at(-1)!.result = name;
    });
    parser.write(xml).close();
    return cases;
  }
  test('a VM that is blocked failed, one without work was skipped', async () => {
    const cases = new Map(casesOf(await report('junit')).map(({ name, result }) => [name, result]));
    expect(cases.size).toBe(everySort.length);
    expect(Object.fromEntries(cases)).toMatchObject({ 'vm/crm-01': 'failure', 'vm/web-01': 'skipped', 'vm/win-fs1': 'passed' });
  });
  // One control character, and the whole report is read as no tests at all.
  test('is XML whatever others call things', async () => {
    const odd = `]]>&lt;"'<a>\u0000\u001b[31m\ufffe\uffff\u{1f680}\n\t`;
    const cases = casesOf(
      await report('junit', samplePlan(fleet(2, [entries.reset, entries.delta], (index) => `${odd}${index}`))),
    );
    expect(cases).toHaveLength(2);
    expect(cases[0]!.name).toContain(']]>&lt;"\'<a>\\u{0}\\u{1b}[31m\ufffd\ufffd\u{1f680}\\n\\t');
  });
});

describe('SARIF', () => {
  interface Result {
    readonly level: string;
    readonly ruleIndex: number;
    readonly ruleId: string;
    readonly locations: readonly {
      readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object };
    }[];
  }
  const runOf = async (plan = sample) =>
    (JSON.parse(await report('sarif', plan)) as { runs: [{ results: Result[]; tool: { driver: { rules: { id: string }[] } } }] })
      .runs[0];
  // One result without a place, or with an empty one, and GitHub refuses the whole file.
  test('every result has a place in a file of the project', async () => {
    const nowhere: PlannedEntry = {
      ...entries.reset,
      file: 'a b/c:d#?%.yaml',
      diagnostics: [{ severity: 'error', code: 'MP2003', detail: 'gone' }],
    };
    const { results } = await runOf(samplePlan([...everySort.slice(0, 9), nowhere]));
    for (const { locations } of results) {
      const { artifactLocation, region } = locations[0]!.physicalLocation;
      expect(artifactLocation.uri).toMatch(/^[^/:?#][^:?#]*$/);
      expect(region).toMatchObject({ startLine: expect.any(Number) });
    }
    expect(results.map(({ locations }) => locations[0]!.physicalLocation.artifactLocation.uri)).toContain(
      'a%20b/c%3Ad%23%3F%25.yaml',
    );
  });
  test('rules and results fit together', async () => {
    const { results, tool } = await runOf();
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
    expect(results.map(({ level }) => level)).toEqual(['error', 'error', 'warning']);
  });
  test('of more than are taken, the errors come first', async () => {
    const many = [...fleet(6000, [warned]), ...fleet(3, [entries.reset], (index) => `x-${index}`)];
    const { results } = await runOf(samplePlan(many));
    expect(results).toHaveLength(5000);
    expect(results.slice(0, 3).map(({ level }) => level)).toEqual(['error', 'error', 'error']);
  });
});
