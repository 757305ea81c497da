import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A block of code in a document. */
export interface Fence {
  readonly page: string;
  /** Of the line with its opening fence, from 1. */
  readonly line: number;
  /** First word behind the opening fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
}

const FENCE = /^([ >]*)(`{3,}|~{3,})([^\n]*)\n([\s\S]*?)^\1\2[ ]*$/gm;

export const fencesIn = (page: string, text: string): Fence[] =>
  [...text.matchAll(FENCE)].map(({ index, 3: info, 4: body }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language: info!.trim().split(/\s/)[0]!,
    text: body!,
  }));

/** What is written for users. docs/adr tells what was decided at its time. */
export const pages: readonly string[] = ['README.md', 'ansible/README.md', ...pagesBelow('docs'), ...pagesBelow('examples')];

function pagesBelow(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('adr/') && !path.includes('node_modules'))
    .map((path) => `${folder}/${path}`)
    .sort();
}

export const fencesOf = (page: string): Fence[] => fencesIn(page, readFileSync(new URL(page, root), 'utf8'));

/** Blocks that are meant to be typed. */
export const shellOf = (page: string): Fence[] => fencesOf(page).filter(({ language }) => language === 'sh');

/** Commands of a block, each on one line, without comments. */
export const commandsOf = ({ text }: Fence): string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
