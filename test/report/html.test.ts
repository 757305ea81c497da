import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, marked, name, sentence } from '../../src/views/report/html.js';
import { pageText } from '../../src/views/report/page.js';
import { hostileText, seenIn, tagsOf } from './hostile.js';

describe('what others have written', () => {
  test('is text where it stands, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const made = html`<p title="${text}">${text}<bdi>${text}</bdi></p>`.text;
        expect(tagsOf(made)).toHaveLength(4);
        expect(made).toMatch(/^<p title="[^"<>]*">[^<>]*<bdi>[^<>]*<\/bdi><\/p>$/);
      }),
    );
  });

  test('is read as it is, but for what has no shape or turns what is around it', () => {
    expect(seenIn(html`<b>${`Ünïcode 🚀 עברית a&b <i> "q" 'r'`}</b>`.text)).toBe(`Ünïcode 🚀 עברית a&b <i> "q" 'r'`);
    expect(seenIn(html`<b>${'a\u202eb\u0000c\nd\ufffee'}</b>`.text)).toBe('a\\u{202e}b\\u{0}c\\nd\ufffde');
  });

  test('makes one element of a name in a sentence, and no sign of ours', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { text: made } = sentence(`2 VMs are blocked: ${marked(text)}, ${marked(text)}.`);
        expect(tagsOf(made)).toEqual(['<strong>', '</strong>', '<bdi>', '</bdi>', '<bdi>', '</bdi>']);
        expect(made).toMatch(/^<strong>2 VMs are blocked<\/strong>: <bdi>/);
      }),
    );
  });

  test('is cut between characters when it is a name of hundreds', () => {
    expect(seenIn(name('🚀'.repeat(300)).text)).toBe(`${'🚀'.repeat(160)}…`);
    expect(seenIn(name('a'.repeat(160)).text)).toBe('a'.repeat(160));
  });
});

describe('the data of charts', () => {
  const page = (label: string): string =>
    pageText(
      {
        title: 't',
        version: '1',
        head: html``,
        sections: [{ id: 'x', title: 'x', content: html``, charts: [{ kind: 'bars', id: 'x', labels: [label], series: [] }] }],
        foot: html``,
      },
      { style: 'p{}', script: 'run()' },
    );
  test('never ends its element, and is what was put in', () => {
    fc.assert(
      fc.property(hostileText, (label) => {
        const json =
          /<script type="application\/json" id="charts">([\s\S]*?)<\/script>\n<script>run\(\)<\/script>\n<\/body>/.exec(
            page(label),
          )?.[1];
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect((JSON.parse(json!) as { labels: string[] }[])[0]!.labels).toEqual([label]);
      }),
    );
  });
  test('is there with its script only where there is something to draw', () => {
    const empty = pageText({ title: 't', version: '1', head: html``, sections: [], foot: html`` }, { style: '', script: '' });
    expect(empty).not.toContain('<script');
  });
});
