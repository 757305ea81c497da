import { DiagnosticsError } from '../../diag/diagnostic.js';
import { nearest } from '../../manifest/base/nearest.js';
import type { KeptLog } from './run-logs.js';
import type { RunRecord } from './run-record.js';

const NAMED_MAX = 10;

/**
 * The name of a VM of the run, however it was typed (`web01`, `vm/web01`). DiagnosticsError MP1016: the run had nothing to do with it; of a name that
 * was mistyped nothing would be printed, as of a VM for which no program was started.
 */
export function vmOfRun({ run, vms }: Pick<RunRecord, 'run' | 'vms'>, asked: string, logs: readonly KeptLog[]): string {
  const vm = nameOf(asked);
  const known = [...new Set([...vms.map(({ address }) => nameOf(address)), ...logs.flatMap((log) => log.vm ?? [])])];
  if (known.includes(vm)) return vm;
  const meant = nearest(vm, known);
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1016',
      detail: `run ${run} had nothing to do with a VM "${vm}": ${known.length === 0 ? 'it had none' : `its VMs are ${someOf(known)}`}`,
      ...(meant !== undefined && { nextSteps: [`Did you mean ${meant}?`] }),
    },
  ]);
}

const nameOf = (text: string): string => text.replace(/^vm\//, '');

const someOf = (names: readonly string[]): string =>
  names.length > NAMED_MAX ? `${names.slice(0, NAMED_MAX).join(', ')} and ${names.length - NAMED_MAX} more` : names.join(', ');
