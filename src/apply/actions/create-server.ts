import { serverIdentityKey } from '../../model/sync-record.js';
import { portWarnings } from '../../plan/cutover/server-ports.js';
import { serverMetadata } from '../../state/sync-record-codec.js';
import type { ActionHandler } from '../handler.js';
import { volumeOf } from '../records.js';
import { requireOff } from './power-off.js';

/** Never beside a source that runs: two machines would have the same name, addresses and data. */
export const createServer: ActionHandler<'create-server'> = async ({ disks, server, nics, availabilityZone }, context) => {
  await requireOff(context, 'once');
  const created = await context.target.createServer({
    ...server,
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    ports: nics,
    volumes: disks.map((disk) => volumeOf(context, disk)),
    metadata: { ...server.metadata, ...serverMetadata(context.vm.instanceUuid) },
    identityKey: serverIdentityKey,
  });
  context.emit({
    type: 'note',
    address: `${context.desired.address}/server`,
    note: { kind: 'server-made', name: created.name, status: created.status, id: created.id },
  });
  context.warnings.push(...portWarnings(context.desired, created, created.ports ?? []));
};
