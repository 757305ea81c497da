import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printable } from '../../src/diag/printable.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { type Browser, openBrowser, type Tab } from './chromium.js';
import { fleetPlan, renamed } from './plans.js';
import { type Reported, RUN, reported } from './reported.js';

/** Runs in the page: what is wider than it, how much is painted, and words that cannot be told from what is behind them. */
const look = await readFile(new URL('look-in-page.js', import.meta.url), 'utf8');

interface Seen {
  readonly wide: readonly string[];
  /** Pixels that are painted. */
  readonly charts: readonly number[];
  readonly words: number;
  readonly pale: readonly string[];
}

const hostile = `</script><img src=x onerror="hacked=1">\u202eעברית🚀${'long'.repeat(70)}`;
const window = { kind: 'once', name: hostile, start: '2026-06-01T15:00:00Z', end: '2026-06-01T23:00:00Z' } as const;
const plans: Readonly<Record<string, PlanFile>> = {
  small: samplePlan(),
  fleet: fleetPlan(200),
  hostile: samplePlan([
    renamed(entries.cutover, `${hostile}1`, { window, wave: hostile }),
    renamed(entries.delta, `${hostile}2`),
    renamed(entries.reset, `${hostile}3`),
  ]),
};

const run = `run-${RUN}`;
const names = [...Object.keys(plans), run];
const CHARTS: Readonly<Record<string, number>> = { small: 4, fleet: 4, hostile: 2, [run]: 5 };
let world: Reported;
let browser: Browser;
let tab: Tab;
const url = (name: string): string => `file://${world.folder}/${name}.html`;

beforeAll(async () => {
  const known = ['erp-db01', 'win-fs1', ...plans['fleet']!.migrations.slice(0, 30).map(({ name }) => name)];
  world = await reported(plans, known);
  for (const of of [...Object.keys(plans).map((name) => `${name}.json`), RUN])
    expect(await world.report([of])).toMatchObject({ code: 0, stderr: '' });
  browser = await openBrowser();
  tab = await browser.open();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const looks = names.flatMap((name) =>
  (['light', 'dark'] as const).flatMap((scheme) => [400, 1400].map((width) => ({ name, scheme, width }))),
);

test.each(looks)(
  '$name, $scheme, $width pixels: nothing is fetched or complained of, all charts are drawn, nothing overflows',
  async ({ name, scheme, width }) => {
    await tab.show(url(name), { scheme, width });
    expect(tab.requests).toEqual([url(name)]);
    expect(tab.said).toEqual([]);
    const seen = await tab.read<Seen>(look);
    expect(seen.wide).toEqual([]);
    expect(seen.charts).toHaveLength(CHARTS[name]!);
    expect(Math.min(...seen.charts)).toBeGreaterThan(300);
    expect(seen.words).toBeGreaterThan(30);
    expect(seen.pale).toEqual([]);
    expect(await tab.read('typeof hacked')).toBe('undefined');
  },
);

test('names of others are seen as they are, and are no element', async () => {
  await tab.show(url('hostile'));
  const text = await tab.read<string>('document.body.textContent');
  expect(text.split(printable(hostile).slice(0, 120)).length - 1).toBeGreaterThan(5);
  expect(await tab.read('document.querySelectorAll("img, [onerror], [onmouseover], iframe, form").length')).toBe(0);
  expect(await tab.read('document.querySelectorAll("script").length')).toBe(2);
});

test('its policy stops what somebody would put in, and what would fetch', async () => {
  await tab.show(url('small'));
  const stopped = await tab.read<string[]>(`new Promise((done) => {
      const found = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => found.push(effectiveDirective));
      document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x.png" onerror="window.hacked=1"><p style="color:red"></p><form action="http://127.0.0.1:9/"></form>');
      const script = document.createElement('script');
      script.textContent = 'window.hacked=1';
      document.body.append(script);
      fetch('http://127.0.0.1:9/').catch(() => {});
      setTimeout(() => done(found.sort()), 500);
    })`);
  expect(stopped).toEqual(expect.arrayContaining(['connect-src', 'img-src', 'script-src-elem', 'style-src-attr']));
  expect(await tab.read('typeof hacked')).toBe('undefined');
});

test('without scripts all of it is there but the charts', async () => {
  await tab.show(url('small'), { script: false });
  expect(tab.said).toEqual([]);
  const seen = await tab.read<{ text: string; figures: number; sections: string[] }>(`({
      text: document.body.innerText,
      figures: [...document.querySelectorAll('figure')].filter((one) => one.offsetHeight > 0).length,
      sections: [...document.querySelectorAll('section')].map(({ id }) => id),
    })`);
  expect(seen.figures).toBe(0);
  expect(seen.sections).toEqual(['blocked', 'vms', 'windows', 'transfer', 'history', 'warnings', 'notes', 'steps']);
  for (const words of ['crm-01', 'powered off, converted', 'expires before it opens', 'mean rate'])
    expect(seen.text).toContain(words);
});

test('by keys alone: to the content, and along tables that are wider than the page', async () => {
  await tab.show(url('small'), { width: 400 });
  await tab.press('Tab');
  expect(await tab.read('document.activeElement.className')).toBe('skip');
  await tab.press('Enter');
  expect(await tab.read('document.activeElement.id')).toBe('main');
  await tab.press('Tab');
  expect(
    await tab.read('[document.activeElement.getAttribute("role"), document.activeElement.getAttribute("aria-label")]'),
  ).toEqual(['region', 'Wave 10']);
});

test('by its outline: one title, no level left out, every table with headings, every region with a name', async () => {
  await tab.show(url('fleet'));
  const levels = await tab.read<number[]>(
    '[...document.querySelectorAll("h1,h2,h3,h4")].map(({ tagName }) => Number(tagName[1]))',
  );
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  expect(levels.every((level, index) => index === 0 || level <= levels[index - 1]! + 1)).toBe(true);
  const tables = await tab.read<{ bare: number; all: number }>(`(() => {
    const all = [...document.querySelectorAll('.scroll > table')];
    const isBare = (table) => table.parentElement.ariaLabel === null || table.querySelector('thead th[scope=col]') === null
      || [...table.tBodies[0].rows].some((row) => row.querySelector('th[scope=row]') === null);
    return { bare: all.filter(isBare).length, all: all.length };
  })()`);
  expect(tables).toEqual({ bare: 0, all: 9 });
  expect(await tab.read('document.documentElement.lang')).toBe('en');
});

test('charts follow the width and the colours of the page', async () => {
  await tab.show(url('small'), { width: 1400 });
  const chart = (): Promise<[number, string]> =>
    tab.read(`(() => { const canvas = document.querySelector('#transfer-chart canvas');
        return [canvas.clientWidth, getComputedStyle(document.documentElement).getPropertyValue('--text') + canvas.toDataURL().length]; })()`);
  const [wide, light] = await chart();
  await tab.send('Emulation.setDeviceMetricsOverride', { width: 600, height: 900, deviceScaleFactor: 1, mobile: false });
  await expect.poll(async () => (await chart())[0]).toBeLessThan(600);
  expect(wide).toBeGreaterThan(1000);
  await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
  await expect.poll(async () => (await chart())[1]).not.toBe(light);
});

test('on paper: A4, light although the screen is dark, tables to the last row, and no book of steps', async () => {
  await tab.show(url('fleet'), { scheme: 'dark' });
  const colours = tab.read<string[]>(`new Promise((done) => addEventListener('beforeprint', () => {
      const page = getComputedStyle(document.documentElement);
      done([page.getPropertyValue('--page').trim(), String(document.querySelector('#transfer-chart canvas').clientWidth < 720)]);
    }))`);
  const file = join(world.folder, 'fleet.pdf');
  await writeFile(file, await tab.pdf());
  expect(await colours).toEqual(['#ffffff', 'true']);
  const info = (await promisify(execFile)('pdfinfo', [file])).stdout;
  expect(info).toMatch(/Page size: +59[45]\.?\d* x 84[12]\.?\d* pts \(A4\)/);
  expect(Number(/Pages: +(\d+)/.exec(info)![1])).toBeLessThan(30);
  const text = (await promisify(execFile)('pdftotext', ['-layout', file, '-'])).stdout;
  for (const { name } of plans['fleet']!.migrations) expect(text).toContain(name);
  expect(text).not.toContain('Powering off');
  // Words of a few letters are not cut.
  expect(text).not.toMatch(/cutove\b/);
  expect(await tab.read('[document.documentElement.className, document.querySelectorAll("details[open]").length]')).toEqual([
    '',
    0,
  ]);
});
