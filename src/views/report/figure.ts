import { plural } from '../../model/format.js';
import { type Html, html } from './html.js';

/**
 * A place for a chart, which the script shows. What it says stands in the table beside it, so nobody who cannot see it misses
 * anything.
 */
export const figure = (id: string, caption: Html | string): Html =>
  html`<figure id="${id}" hidden><div class="chart" aria-hidden="true"></div><figcaption>${caption}</figcaption></figure>
`;

/** A table with a heading a column; one that is wider than the page is scrolled by itself, with keys as well. */
export const table = (label: string, headings: readonly string[], rows: readonly Html[]): Html =>
  html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${headings.map(
    (text) => html`<th scope="col">${text}</th>`,
  )}</tr></thead><tbody>
${rows}</tbody></table></div>
`;

/** What is read when somebody asks for it, and is printed all the same. */
export const folded = (title: string | Html, content: Html): Html =>
  html`<details><summary>${title}</summary>
${content}</details>
`;

/** What would be more paper than anybody wants is printed when it was opened before. */
export const foldedOnPaper = (title: string, content: Html): Html =>
  html`<details class="screen"><summary>${title}</summary>
${content}</details>
`;

/** A table of which the first rows are open. */
export function longTable(label: string, headings: readonly string[], rows: readonly Html[], what: string): Html {
  const rest = rows.slice(ROWS_OPEN_MAX);
  const more = rest.length === 0 ? '' : folded(`${plural(rest.length, what)} more`, table(`${label}, more`, headings, rest));
  return html`${table(label, headings, rows.slice(0, ROWS_OPEN_MAX))}${more}`;
}

/** More rows than this are folded: a page of thousands opens as fast as one of twenty. */
export const ROWS_OPEN_MAX = 100;
