import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { fencesIn, pages } from './fences.js';

const root = new URL('../../', import.meta.url);

interface Block {
  /** Words behind the opening fence; empty for what is only indented. */
  readonly info: string;
  text: string;
}

/** Blocks of code as GitHub's own parser finds them, indented ones too. */
function blocksIn(markdown: string): Block[] {
  const xml = execFileSync('cmark-gfm', ['-t', 'xml', '-e', 'table'], { input: markdown, encoding: 'utf8' });
  const blocks: Block[] = [];
  const parser = new SaxesParser();
  let isInside = false;
  parser.on('opentag', ({ name, attributes }) => {
    isInside = name === 'code_block';
    if (isInside) blocks.push({ info: String(attributes['info'] ?? ''), text: '' });
  });
  parser.on('closetag', () => (isInside = false));
  parser.on('text', (text) => {
    if (isInside) blocks.at(-1)!.text += text;
  });
  parser.write(xml.replace(/<!DOCTYPE[^>]*>/, '')).close();
  return blocks;
}

/** Neither lists nor quotations, which stand before each line, count. */
const lean = (text: string): string => text.replaceAll(/^[ >]+/gm, '');

// What is not seen is not typed: a block that ours overlooks could say anything.
describe('every block of code of a page is one that the tests see', () => {
  test.each(pages)('%s', (page) => {
    const markdown = readFileSync(new URL(page, root), 'utf8');
    const seen = fencesIn(page, markdown).map(({ language, text }) => ({ language, text: lean(text) }));
    const there = blocksIn(markdown).map(({ info, text }) => ({ language: info.split(/\s/)[0], text: lean(text) }));
    expect(seen).toEqual(there);
  });

  test('and one that ours would overlook is found', () => {
    const markdown =
      'a\n\n    migplan indented\n\n- b\n\n      in a list\n\n```bash\nx\n```\n\n1. c\n   ~~~console\n   y\n   ~~~\n';
    expect(blocksIn(markdown)).toEqual([
      { info: '', text: 'migplan indented\n' },
      { info: '', text: 'in a list\n' },
      { info: 'bash', text: 'x\n' },
      { info: 'console', text: 'y\n' },
    ]);
    expect(fencesIn('p', markdown).map(({ language }) => language)).toEqual(['bash', 'console']);
  });
});
