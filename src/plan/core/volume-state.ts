import type { ObservedVolume } from '../../model/observed-target.js';
import { statusKind } from '../../model/volume-status.js';
import type { TargetProblem } from './target-problem.js';

/** A blocker of one disk. */
type Trouble = Required<Pick<TargetProblem, 'code' | 'detail' | 'nextSteps'>>;

/** Why Cinder would refuse to attach the volume, as far as its status says so; who holds it is another question. */
export function statusProblem(volume: ObservedVolume): Trouble | undefined {
  const { id, status, attachments } = volume;
  switch (statusKind(status)) {
    case 'free':
      return undefined;
    case 'held':
      return attachments.length === 0 ? heldByNobody(volume) : undefined;
    case 'passing':
      return notYet(
        `volume ${id} is in status "${status}": Cinder refuses to attach it until that is over`,
        status === 'deleting'
          ? ['wait until it is gone, then run migplan plan again: a new volume is made, and copied in full']
          : [
              'wait until it is available, then run migplan plan again',
              'if it stays so, ask whoever runs the cloud to have its state reset',
            ],
      );
    case 'handed-over':
      return notYet(`volume ${id} is in status "${status}": it is offered to another project`, [
        'take the offer back (delete its transfer request), then run migplan plan again',
      ]);
    case 'broken':
      return inError(volume);
    case undefined:
      return notYet(`volume ${id} is in status "${status}", which is none that Cinder is known to have`, [
        'ask whoever runs the cloud what it means; when it is available, run migplan plan again',
      ]);
  }
}

const notYet = (detail: string, nextSteps: readonly string[]): Trouble => ({ code: 'MP2065', detail, nextSteps });

const heldByNobody = ({ id, status }: ObservedVolume): Trouble =>
  notYet(`volume ${id} is in status "${status}", and no attachment says who holds it`, [
    'if somebody attaches or detaches it right now, wait, then run migplan plan again',
    'if it stays so, ask whoever runs the cloud to have its state set to available',
  ]);

const inError = ({ id, status }: ObservedVolume): Trouble => ({
  code: 'MP2016',
  detail: `volume ${id} is in status "${status}"`,
  nextSteps: [
    `ask the cloud why: openstack --os-volume-api-version 3.3 volume message list; then delete volume ${id} or have its state reset`,
  ],
});
