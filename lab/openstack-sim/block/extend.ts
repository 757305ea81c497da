import { type Cloud, projectOf } from '../cloud.js';
import { invalidField } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, isObject, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { attachmentsOf } from './attachment-state.js';
import { touch, volumeOf } from './find-volume.js';
import { addMessage } from './messages.js';
import { checkQuota } from './quotas.js';
import { growVolumeFile } from './volume-file.js';

const EXTEND_IN_USE = 42;

/** `os-extend`: available volumes always, volumes in use from 3.42 on. */
export function extendVolume(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const size = isObject(argument) ? argument['new_size'] : undefined;
  const sizeGiB = Number(size);
  if (!Number.isInteger(sizeGiB) || sizeGiB < 1)
    throw invalidField('new_size', size, `${pythonRepr(size)} is not of type 'integer', 'string'`);
  const states = call.version >= EXTEND_IN_USE ? ['available', 'in-use'] : ['available'];
  if (!states.includes(volume.status)) {
    const tuple = `(${states.map(pythonRepr).join(', ')}${states.length === 1 ? ',' : ''})`;
    throw badRequest(`Invalid volume: Volume ${volume.id} status must be '${tuple}' to extend, currently ${volume.status}.`);
  }
  if (sizeGiB <= volume.sizeGiB) {
    const sizes = `(current: ${volume.sizeGiB}, extended: ${sizeGiB})`;
    throw badRequest(`Invalid input received: New size for extend must be greater than current size. ${sizes}.`);
  }
  checkQuota(cloud, projectOf(call.token), { gigabytes: sizeGiB - volume.sizeGiB, count: 0 });
  const statusBefore = volume.status;
  volume.status = 'extending';
  touch(cloud, volume);
  cloud.clock.after(cloud.config.timings.volumeCreateMs, () => {
    if (volume.status !== 'extending') return;
    growVolumeFile(volume.file, sizeGiB);
    volume.sizeGiB = sizeGiB;
    volume.status = statusBefore;
    touch(cloud, volume);
    if (!attachmentsOf(cloud, volume).some(({ heldByNova, status }) => status === 'attached' && !heldByNova)) return;
    const text = 'extend volume:Compute service failed to extend volume.';
    addMessage(cloud, volume, { requestId: call.requestId, eventId: 'VOLUME_VOLUME_006_018', text });
  });
  return { status: 202 };
}
