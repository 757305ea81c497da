import type { RunRecord, VmRun } from '../../../engine/runs/run-record.js';
import { causeLines } from '../../runs/show.js';
import { type Html, html, name, when } from '../html.js';
import type { Section } from '../page.js';
import { told } from '../told.js';

type Trouble = Pick<VmRun, 'diagnostics' | 'causes' | 'logs'>;

/** What ended the run, then what went wrong with each VM; with causes, and with the files in which programs said more. */
export function troubleSection({ vms, diagnostics, causes }: RunRecord): Section[] {
  const parts = [
    { address: 'the run', trouble: { diagnostics, causes, logs: [] } },
    ...vms.map((vm) => ({ address: vm.address, trouble: vm })),
  ].filter(({ trouble }) => trouble.diagnostics.length + trouble.causes.length > 0);
  if (parts.length === 0) return [];
  const content = html`${parts.map(({ address, trouble }) => troubleText(address, trouble))}`;
  return [{ id: 'trouble', title: 'What went wrong', content }];
}

/** A bug has causes and no diagnostic. */
function troubleText(address: string, trouble: Trouble): Html {
  const { diagnostics, causes } = trouble;
  const lines = causeLines(trouble);
  const below = when(
    lines.length > 0 && lines,
    (some) =>
      html`<pre>${some.map(
        (line) => html`${line}
`,
      )}</pre>`,
  );
  if (diagnostics.length > 0)
    return html`${diagnostics.map((first, index) =>
      told({ first, addresses: [first.address ?? address] }, index === diagnostics.length - 1 ? below : html``),
    )}`;
  return html`<article class="told error"><h3>${name(address)}</h3><p>${causes[0]?.message}</p>${below}</article>
`;
}
