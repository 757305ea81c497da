import type { StateExport } from '../../engine/state/documents.js';
import type { Refreshed, RefreshedVm } from '../../engine/state/refresh.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';

type Names = readonly { readonly kind: string; readonly name: string }[];

/** What the `state` commands have to say. */
export interface StateView {
  documents(place: string, lineage: string, names: Names): void;
  /** One document, as it is. */
  document(document: unknown): void;
  exported(state: StateExport): void;
  imported(place: string, count: number): void;
  removed(address: string): void;
  refreshed(done: Refreshed): void;
}

export const stateView = (options: ViewOptions): StateView => selectView(options, { human: humanView, json: jsonView });

const humanView = (options: ViewOptions): StateView => ({
  ...documentsOf(options),
  documents(place, lineage, names) {
    const { streams } = options;
    streams.out(`State in ${place}${lineage === '' ? ': nothing was applied yet' : `, lineage ${lineage}`}\n`);
    for (const line of tableLines(names.map(({ kind, name }) => [kind, name]))) streams.out(`  ${line}\n`);
  },
  imported: (place, count) => options.streams.out(`${count} documents were written to ${place}.\n`),
  removed: (address) => options.streams.out(`The state knows nothing of ${address} any more.\n`),
  refreshed({ place, lineage, vms }) {
    for (const vm of vms) for (const line of vmLines(vm)) options.streams.out(`${line}\n`);
    options.streams.out(`The state in ${place}, lineage ${lineage}, is as vCenter and the volumes say.\n`);
  },
});

const vmLines = (vm: RefreshedVm): string[] => [
  `${vm.address}: ${leftText(vm)}`,
  ...vm.other_lineages.map(
    (one) =>
      `  it carries lineage ${one} of another state, and that is left alone; if it is one that was lost: migplan refresh --lineage ${one}`,
  ),
];

function leftText({ snapshots, attachments, unfinished_runs: runs }: RefreshedVm): string {
  const left = [
    counted(snapshots, 'snapshot'),
    counted(attachments, 'attachment'),
    runs.length === 0 ? '' : `unfinished: ${runs.join(', ')}`,
  ].filter((one) => one !== '');
  return left.length === 0 ? 'nothing is left of earlier runs' : left.join(', ');
}

const counted = (count: number, what: string): string => (count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`);

const jsonView = (options: ViewOptions): StateView => {
  const say = (value: object): void => options.streams.out(`${jsonText({ format_version: '1.0', ...value }, 2)}\n`);
  return {
    ...documentsOf(options),
    documents: (place, lineage, documents) => say({ place, lineage, documents }),
    imported: (place, documents) => say({ place, written: documents }),
    removed: (removed) => say({ removed }),
    refreshed: say,
  };
};

/** JSON for everybody: it is what is kept. */
const documentsOf = ({ streams }: ViewOptions): Pick<StateView, 'document' | 'exported'> => ({
  document: (document) => streams.out(`${jsonText(document, 2)}\n`),
  exported: (state) => streams.out(`${jsonText(state, 2)}\n`),
});
