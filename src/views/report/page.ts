import { createHash } from 'node:crypto';
import { jsonText } from '../printable.js';
import { CHARTS_ID, type Chart } from './charts.js';
import { Html, html, when } from './html.js';

/** What the build makes of `style.css`, of the folder `browser`, and of the library that draws. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Html;
  /** What the script draws in it. */
  readonly charts?: readonly Chart[];
}

export interface Page {
  readonly title: string;
  readonly version: string;
  readonly head: Html;
  readonly sections: readonly Section[];
  readonly foot: Html;
}

/** By this a file is known as a report that may be written over. */
export const GENERATOR = '<meta name="generator" content="migplan ';

/**
 * One file that asks for nothing, on no network: its policy lets exactly this style and this script in. Without the script all of it
 * is there but the charts.
 */
export function pageText({ title, version, head, sections, foot }: Page, { style, script }: PageAssets): string {
  const charts = sections.flatMap((section) => section.charts ?? []);
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
${new Html(GENERATOR)}${version}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
${head}
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${sections.map(sectionText)}</main>
<footer>
${foot}
</footer>
${when(
  charts.length > 0 && charts,
  (some) => html`<script type="application/json" id="${CHARTS_ID}">${new Html(inert(some))}</script>
<script>${new Html(script)}</script>
`,
)}</body>
</html>
`;
  return page.text;
}

const sectionText = ({ id, title, content }: Section): Html => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** JSON in which nothing ends the element that it stands in. */
const inert = (value: unknown): string =>
  jsonText(value).replace(/[<>&]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
