import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { formatBytes } from '../model/format.js';
import type { ApplyContext } from './handler.js';
import type { SyncJob } from './sync-job.js';

/** From here on it is a full copy in disguise. */
const MOST = 0.5;

/** Bytes written, and bytes read from each side. */
interface Compared {
  readonly bytes: number;
  readonly compared?: number;
}

type About = Pick<Diagnostic, 'code' | 'address'>;

const about = ({ disk }: SyncJob, { desired }: ApplyContext): About => ({
  code: 'MP6008',
  address: `${desired.address}/disk/${disk}`,
});

/** Before bytes are written that differ: `written` is what this run has written of the disk once they are. */
export function requireWithinAdoption(job: SyncJob, written: number, context: ApplyContext): void {
  const { limitBytes } = job;
  if (limitBytes === undefined || written <= limitBytes) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      ...about(job, context),
      detail:
        `more than ${formatBytes(limitBytes)} of the volume differ from the disk, and that is what may be written of it: ` +
        'nothing beyond was written, and the volume is in doubt',
      nextSteps: [
        'look whether the volume is of this VM at all: a tool that goes by names takes one VM for another of the same name',
        'if it is: raise or remove spec.limits.adoption and plan again, and the comparison goes on',
      ],
    },
  ]);
}

/** Nothing stops, as the volume is right by now; but who adopts to spare the writing should know that it was not spared. */
export function warnIfMostDiffered(job: SyncJob, { bytes, compared = 0 }: Compared, context: ApplyContext): void {
  if (!job.isAdoption || bytes <= compared * MOST) return;
  context.warnings.push({
    severity: 'warning',
    ...about(job, context),
    detail:
      `${formatBytes(bytes)} of ${formatBytes(compared)} that were compared differed and were written: the volume was hardly a copy of ` +
      'this disk, and all of it has been replaced by what the disk holds',
    nextSteps: ['if the volume was made for another VM of the same name, migrate that one anew'],
  });
}
