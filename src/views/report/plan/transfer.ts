import { formatBytes, plural } from '../../../model/format.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { transferText } from '../../../plan/file/summary.js';
import { type Transfer, transferOf } from '../../plan/table.js';
import { figure, table } from '../figure.js';
import { html, name } from '../html.js';
import type { Section } from '../page.js';

const DRAWN_MAX = 25;
const ID = 'transfer-chart';

const bytesOf = ({ wholeBytes, deltaBytes }: Transfer): number => wholeBytes + deltaBytes;

/** The VMs with most to copy; all of them stand in the table of VMs. */
export function transferSection({ migrations }: PlanFile): Section[] {
  const copied = migrations.flatMap((entry) => {
    const transfer = transferOf(entry);
    return transfer === undefined ? [] : [{ name: entry.name, transfer }];
  });
  const known = copied.filter(({ transfer }) => bytesOf(transfer) > 0).sort((a, b) => bytesOf(b.transfer) - bytesOf(a.transfer));
  if (known.length === 0) return [];
  const top = known.slice(0, DRAWN_MAX);
  const unknown = copied.filter(({ transfer }) => transfer.unknown > 0).length;
  const left = known.length > top.length ? ` The ${top.length} VMs with most of ${known.length}.` : '';
  const notKnown = unknown === 0 ? '' : ` Of ${plural(unknown, 'VM')} not all is known before a snapshot is taken.`;
  const rows = top.map(
    ({
      name: vm,
      transfer,
    }) => html`<tr><th scope="row">${name(vm)}</th><td class="number">${part(transfer.wholeBytes)}</td><td class="number">${part(transfer.deltaBytes)}</td></tr>
`,
  );
  const content = html`<p>In all: ${transferText(migrations)}.${left}${notKnown}</p>
${figure(ID, 'Whole disks at most; deltas by an estimate from earlier ones.')}${table('Bytes by VM', ['VM', 'whole disks, at most', 'deltas, about'], rows)}`;
  return [
    {
      id: 'transfer',
      title: 'What is copied',
      content,
      charts: [
        {
          kind: 'bars',
          id: ID,
          labels: top.map((one) => one.name),
          series: [
            { label: 'whole disks, at most', values: top.map(({ transfer }) => transfer.wholeBytes) },
            { label: 'deltas, about', values: top.map(({ transfer }) => transfer.deltaBytes) },
          ],
        },
      ],
    },
  ];
}

const part = (bytes: number): string => (bytes === 0 ? '-' : formatBytes(bytes));
