import { printable } from '../../diag/printable.js';

/** Markup of ours. Only `html` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | readonly Part[];

/** Texts are made harmless as they are put in, wherever they come from: one line, printable, neither elements nor ends of attributes. */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(markup.reduce((before, after, index) => `${before}${textOf(parts[index - 1])}${after}`));
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(printable(String(part)));
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** U+FFFE and U+FFFF are no characters of HTML; the other ones that are none were made printable. */
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => ENTITIES.get(one)!).replace(/[\ufffe\uffff]/g, '\ufffd');

/** Nothing where there is nothing to tell. */
export const when = <T>(value: T | undefined | false, markup: (value: T) => Html): Html =>
  value === undefined || value === false ? html`` : markup(value);

/** A name of somebody else's: whatever script it is written in, it does not turn the words around it. */
export const name = (text: string): Html => html`<bdi>${shortened(text)}</bdi>`;

const NAME_MAX = 160;

function shortened(text: string): string {
  if (text.length <= NAME_MAX) return text;
  return `${[...text].slice(0, NAME_MAX).join('')}…`;
}

/** Of the private use area: what is foreign in printable words has none of it. */
const MARKS = { open: '\ue000', close: '\ue001' } as const;

/** Around a name in a sentence that others put together; `sentence` makes elements of the marks. */
export const marked = (text: string): string => `${MARKS.open}${shortened(printable(text))}${MARKS.close}`;

/** A sentence of ours, its first words up to a colon strong, with the names in it that `marked` has marked. Foreign words must be printable. */
export function sentence(text: string): Html {
  const [head = ''] = /^[^:]+(?=: )/.exec(text) ?? [];
  const markup = (part: string): string => escaped(part).replaceAll(MARKS.open, '<bdi>').replaceAll(MARKS.close, '</bdi>');
  return new Html(`${head === '' ? '' : `<strong>${markup(head)}</strong>`}${markup(text.slice(head.length))}`);
}
