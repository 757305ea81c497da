import { printable } from '../../diag/printable.js';
import type { Difference, Told } from '../../model/left.js';
import type { SinceApply } from '../../plan/since-apply.js';
import { jsonText } from '../printable.js';

/** Which apply it is compared with, and what of it is known. */
export function applyText(apply: SinceApply): string {
  switch (apply.recorded) {
    case 'here':
      return `run ${apply.run}, which ended at ${apply.at}`;
    case 'volumes':
      return `run ${apply.run}${apply.at === undefined ? '' : `, whose snapshot is of ${apply.at}`}, as the volumes tell`;
    case 'nowhere':
      return 'no recorded apply';
  }
}

/** What a reader must know to believe it; undefined: nothing. */
export function caveatOf(apply: SinceApply): string | undefined {
  switch (apply.recorded) {
    case 'here':
      return undefined;
    case 'volumes':
      return (
        `the last apply was not recorded in this state folder; compared was only what its records on the volumes say: ${applyText(apply)}` +
        (apply.older === undefined ? '' : ` (recorded here is an older one: run ${apply.older.run} of ${apply.older.at})`)
      );
    case 'nowhere':
      return 'no apply of it is recorded, here or on a volume: what changed since the last one is not known';
  }
}

export const unfinishedText = ({ unfinished }: SinceApply): string | undefined =>
  unfinished.length === 0
    ? undefined
    : `begun later, and not ended: run ${unfinished.join(', run ')}; what it did may be among the changes`;

/** `volume_type: "ssd" -> "hdd"`, as Terraform writes it. */
export const differenceText = ({ field, before, after }: Difference): string =>
  `${printable(field)}: ${toldText(before)} -> ${toldText(after)}`;

const toldText = (told: Told): string => (told === null ? '(none)' : jsonText(told));
