import { catalog } from '../../diag/catalog.js';
import { plural } from '../../model/format.js';
import { placeText } from '../diagnostic-text.js';
import type { EqualDiagnostics } from '../plan/equal-diagnostics.js';
import { folded } from './figure.js';
import { type Html, html, name, when } from './html.js';

/** The rest of those that are told the same is folded. */
const NAMED_MAX = 20;

/** A diagnostic with whose it is; `below`: what else is known of it. */
export function told({ first, addresses }: EqualDiagnostics, below?: Html): Html {
  const { severity, code, detail, lines = [], source, related, nextSteps = [] } = first;
  const count = addresses.length === 1 ? '' : ` (${plural(addresses.length, 'time')})`;
  return html`<article class="told ${severity}">
<h3>${catalog[code]} <code>${code}</code>${count}</h3>
${whose(addresses)}<p>${detail}</p>
${lines.map((line) => html`<p>${line}</p>`)}${when(source, (place) => html`<p class="quiet"><code>${placeText(place)}</code></p>`)}${when(
  related,
  (other) => html`<p class="quiet">${other.detail}: <code>${placeText(other.source)}</code></p>`,
)}${when(nextSteps.length > 0 && nextSteps, (steps) => html`<ul>${steps.map((step) => html`<li>${step}</li>`)}</ul>`)}${below}
</article>
`;
}

function whose(addresses: readonly string[]): Html {
  const list = (some: readonly string[]): Html =>
    html`<p class="names">${some.map((one) => html`<span>${name(one)}</span> `)}</p>`;
  const rest = addresses.slice(NAMED_MAX);
  return html`${list(addresses.slice(0, NAMED_MAX))}${when(rest.length > 0 && rest, (more) => folded(`and ${more.length} more`, list(more)))}`;
}
