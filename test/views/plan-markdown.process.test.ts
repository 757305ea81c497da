import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable } from '../../src/diag/printable.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import type { PlannedEntry } from '../../src/plan/file/planned-entry.js';
import { code, fenced } from '../../src/views/plan/report/markdown-words.js';
import { planReport } from '../../src/views/plan/select.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { RecordingStreams, viewOptions } from './streams.js';

/** GitHub's own renderer, with elements of ours let through: what it makes of a comment. */
const rendered = (markdown: string): string =>
  execFileSync('cmark-gfm', ['--unsafe', '-e', 'table', '-e', 'autolink', '-e', 'strikethrough', '-e', 'tasklist'], {
    input: markdown,
    encoding: 'utf8',
  });

/** Elements in their order. Comments are nothing that somebody sees. */
const elementsOf = (html: string): string[] => html.replace(/<!--[\s\S]*?-->/g, '').match(/<[^>]*>/g) ?? [];

const textOf = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

/** Everything that means something in Markdown, HTML, or to a forge, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '`',
        '``',
        '```',
        '|',
        '\\',
        '\\|',
        '@alice',
        'שרת-01',
        'خادم',
        'a@b.example',
        '#1',
        '!1',
        'http://x.example',
        'www.x.example',
        '<b>',
        '</details>',
        '</code>',
        '<!--',
        '-->',
        '<script>',
        '&amp;',
        '&#64;',
        '*',
        '**',
        '_',
        '~~',
        '[x](y)',
        '![x](y)',
        '[ ]',
        '$',
        '$`',
        ':tada:',
        '\n',
        '\n\n',
        '\r',
        '    ',
        '> ',
        '# ',
        '- ',
        '1. ',
        '---',
        '| - |',
        '\u202e',
        '\u200b',
        '\u0000',
        ']]>',
        '{{x}}',
        'é',
        '🚀',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.trim() !== '' && !/\p{Cs}/u.test(text));

describe('foreign words in Markdown', () => {
  test('are code and nothing else, and can be read as they are', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, other) => {
        const [one, two] = [printable(name), printable(other)];
        const html = rendered(
          `| a | b |\n| - | - |\n| ${code(one)} | ${code(two)} |\n\n- ${code(one)}: ${code(two)}  \n  ${code(one)}\n`,
        );
        const plain = rendered('| a | b |\n| - | - |\n| `x` | `y` |\n\n- `x`: `y`  \n  `x`\n');
        expect(elementsOf(html)).toEqual(elementsOf(plain));
        const seen = textOf(html).replaceAll(/\s+/g, ' ');
        for (const word of [one, two]) expect(seen).toContain(word.trim().replaceAll(/\s+/g, ' '));
      }),
      { numRuns: 300 },
    );
  });

  test('do not end a block', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (lines) => {
        const html = rendered(`${fenced(lines.map(printable).join('\n'), 'diff')}\n\nafter\n`);
        expect(elementsOf(html)).toEqual(['<pre>', '<code class="language-diff">', '</code>', '</pre>', '<p>', '</p>']);
      }),
      { numRuns: 200 },
    );
  });
});

/** Whoever may name a VM, a file, a snapshot or a network writes this into every word of a plan that is not ours. */
function withWords(word: string): PlanFile {
  const source = { file: word, start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } };
  const blocked: PlannedEntry = {
    ...entries.reset,
    name: word,
    address: `vm/${word}`,
    wave: word,
    diagnostics: [{ severity: 'error', code: 'MP2011', address: `vm/${word}`, detail: word, source, nextSteps: [word] }],
  };
  const odd: PlannedEntry = {
    ...entries.cutover,
    wave: word,
    name: word,
    address: `vm/b${word}`,
    diagnostics: [{ severity: 'warning', code: 'MP5008', address: word, detail: word, source, nextSteps: [word, word] }],
  };
  return samplePlan([blocked, odd], { notes: [word] });
}

async function comment(plan: PlanFile): Promise<string> {
  const streams = new RecordingStreams();
  (await planReport(viewOptions(streams), 'markdown')).plan(plan, { detail: 'auto' });
  return streams.text;
}

describe('a comment with hostile names', () => {
  test('has the elements of one with harmless names', async () => {
    const harmless = elementsOf(rendered(await comment(withWords('x'))));
    expect(harmless).toContain('<details>');
    await fc.assert(
      fc.asyncProperty(hostile, async (word) => {
        expect(elementsOf(rendered(await comment(withWords(word))))).toEqual(harmless);
      }),
      { numRuns: 300 },
    );
  });
  // tfnotify's comment was read as Markdown, and its details never closed.
  test('of every sort of VM is a heading, tables, lists and details, all closed', async () => {
    const html = rendered(await comment(samplePlan()));
    for (const element of ['details', 'table', 'pre', 'ul', 'sub']) {
      expect(html.match(new RegExp(`<${element}[ >]`, 'g'))?.length).toBe(html.match(new RegExp(`</${element}>`, 'g'))?.length);
    }
    expect(html).toContain('<h3>migplan: 2 to add, 10 to change, 2 blocked</h3>');
    expect(html.match(/<table>/g)).toHaveLength(2);
  });
});
