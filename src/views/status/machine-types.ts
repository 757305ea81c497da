import type { MachineTypeStatus } from '../../engine/machine-type-status.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';

export interface MachineTypeView {
  machineTypes(rows: readonly MachineTypeStatus[]): void;
}

/**
 * No answer of Nova's API carries a server's machine type. It is settled when the server starts for the first time, and later
 * changes of the volume's image metadata do not change it.
 */
const LIMITS = [
  "The type a running server really has is in no answer of Nova's API: it was settled at its first start, by what stood on the",
  'boot volume then. An administrator can read it on a controller: nova-manage libvirt get_machine_type SERVER_ID',
];

const COLUMNS = ['address', 'declared', 'captured', 'volume', 'server', 'said'] as const;
const HEADINGS: Readonly<Record<(typeof COLUMNS)[number], string>> = {
  address: 'VM',
  declared: 'hwMachineType',
  captured: 'source',
  volume: 'boot volume',
  server: 'server',
  said: 'server runs as',
};

export const machineTypeView = (options: ViewOptions): MachineTypeView =>
  selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams }: ViewOptions): MachineTypeView => ({
  machineTypes: (rows) => streams.out(`${table(rows)}\n${LIMITS.join('\n')}\n`),
});

const jsonView = ({ streams }: ViewOptions): MachineTypeView => ({
  machineTypes: (rows) =>
    streams.out(`${jsonText({ format_version: '1.0', machine_types: rows, limits: LIMITS.join(' ') }, 2)}\n`),
});

function table(rows: readonly MachineTypeStatus[]): string {
  const lines = tableLines([HEADINGS, ...rows].map((row) => COLUMNS.map((column) => row[column])));
  return `${lines.join('\n')}\n`;
}
