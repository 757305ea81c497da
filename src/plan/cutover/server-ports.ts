import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedPort, ObservedServer } from '../../model/observed-target.js';
import { type PortTrouble, portTrouble } from '../../model/port-trouble.js';
import type { PlanContext } from '../core/plan-context.js';
import { portsOfServer } from '../core/port-index.js';

const what: Readonly<Record<PortTrouble, string>> = {
  'binding-failed': 'could not be bound (binding_failed): the server runs without it',
  down: 'is not connected as far as Neutron knows: the server may not be reached',
};

const steps: Readonly<Record<PortTrouble, readonly string[]>> = {
  'binding-failed': [
    'ask who runs the cloud: no network agent on the compute host of the server took the port; when that is mended, restart the server hard',
  ],
  down: [
    'see whether the server answers on the network: where a cloud does not report the state of ports, all is well',
    'if it does not, ask who runs the cloud whether the network agent on the compute host of the server works',
  ],
};

/** A warning, whatever it is: the server runs, and what is wrong with its network is mended in the cloud. */
export const portWarnings = (
  { address }: Pick<DesiredMigration, 'address'>,
  server: Pick<ObservedServer, 'id' | 'name'>,
  ports: readonly ObservedPort[],
): Diagnostic[] =>
  ports.flatMap(({ id, mac, link }): Diagnostic[] => {
    const trouble = link === undefined ? undefined : portTrouble(link);
    if (link === undefined || trouble === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'MP2089',
        address: `${address}/server`,
        detail: `port ${id} (${mac}) of server ${server.name} (${server.id}) is ${link.status} and ${what[trouble]}`,
        nextSteps: steps[trouble],
      },
    ];
  });

/** Of the server that an earlier run made, as it is now. */
export function serverPorts({ desired, observed: { server, catalog } }: PlanContext): Diagnostic[] {
  if (server === undefined || server.status !== 'ACTIVE') return [];
  return portWarnings(desired, server, portsOfServer(catalog, server.id));
}
