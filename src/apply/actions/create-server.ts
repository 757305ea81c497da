import type { MadeServer } from '../../contracts/target-provider.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { serverIdentityKey } from '../../model/sync-record.js';
import { portWarnings } from '../../plan/cutover/server-ports.js';
import { serverMetadata } from '../../state/sync-record-codec.js';
import { errorDiagnostics } from '../error-diagnostics.js';
import type { ActionHandler, ApplyContext } from '../handler.js';
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
  context.made.server = created;
  context.emit({
    type: 'note',
    address: `${context.desired.address}/server`,
    note: { kind: 'server-made', name: created.name, status: created.status, id: created.id },
  });
  context.warnings.push(...portWarnings(context.desired, created, created.ports ?? []), ...unknownPorts(context, created));
};

/** Nothing to fail for: the server runs. The next plan looks again. */
const unknownPorts = ({ desired }: ApplyContext, { portsUnknown }: MadeServer): Diagnostic[] =>
  (portsUnknown === undefined ? [] : (errorDiagnostics(portsUnknown, `${desired.address}/server`) ?? [])).map((told) => ({
    ...told,
    severity: 'warning',
    detail: `the server runs; how its ports are connected is not known: ${told.detail}`,
  }));
