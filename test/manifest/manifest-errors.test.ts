import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalog } from '../../src/diag/catalog.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { SourceRange } from '../../src/diag/source-range.js';
import { loadFiles, migrationText } from './in-folder.js';

const folder = new URL('../../examples/invalid/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'migplan.yaml');
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const load = (name: string) =>
  name.startsWith('project-')
    ? loadFiles({ 'migplan.yaml': read(name), 'manifests/web01.yaml': migrationText('web01') })
    : loadFiles({ 'migplan.yaml': read('migplan.yaml'), [`manifests/${name}`]: read(name) });

const place = ({ file, start, end }: SourceRange): string =>
  `${file}:${start.line}:${start.column}-${end.line === start.line ? '' : `${end.line}:`}${end.column}`;

function printed({ severity, code, detail, address, source, related, nextSteps }: Diagnostic): string {
  return [
    `${severity} ${code}: ${catalog[code]}`,
    ...(source ? [`  at ${place(source)}${address ? ` (${address})` : ''}`] : []),
    `  ${detail}`,
    ...(related ? [`  see ${place(related.source)}: ${related.detail}`] : []),
    ...(nextSteps ?? []).map((step) => `  - ${step}`),
  ].join('\n');
}

// Every mistake in examples/invalid and what is said about it, in one file to be read aloud.
test('every mistake is told with its place and a way out', async () => {
  const chapters = await Promise.all(
    names.map(async (name) => {
      const { diagnostics, migrations, project } = await load(name);
      expect(diagnostics.length, name).toBeGreaterThan(0);
      for (const { nextSteps, detail } of diagnostics) expect(nextSteps?.length, `${name}: ${detail}`).toBeGreaterThan(0);
      const usable = [...(project ? ['project'] : []), ...migrations.map(({ address }) => address)];
      return `===== ${name} (read all the same: ${usable.join(', ') || 'nothing'})\n\n${diagnostics.map(printed).join('\n\n')}\n`;
    }),
  );
  const text = chapters.join('\n');
  expect(text).not.toContain('CorrectHorse9');
  await expect(text).toMatchFileSnapshot('../golden/manifest-errors.txt');
});
