import type { DesiredMigration, DesiredServer } from '../model/desired.js';
import type { ObservedMigration, ObservedVm } from '../model/observed.js';
import { byName } from '../model/same-name.js';
import { nicFates, type WantedNic, wantedNics } from './destination-nics.js';

export interface DestinationServer {
  readonly server: DesiredServer;
  readonly nics: readonly WantedNic[];
}

/**
 * The server to be made, with what the manifest leaves open taken from the source server: its flavor, networks with MAC and
 * fixed address, and key pair, called as the mapping says or else the same. undefined: none is wanted.
 */
export function destinationServer(
  { target }: DesiredMigration,
  vm: ObservedVm,
  catalog: ObservedMigration['catalog'],
): DestinationServer | undefined {
  const { server, mapping } = target;
  if (server === undefined) return undefined;
  const { flavor, networks, keyName, ...rest } = server;
  const key = keyName ?? sourceKey(vm, target.mapping?.keyPairs ?? {}, catalog.keyPairs);
  const sourceFlavor = vm.cloud?.flavor ?? '';
  return {
    server: {
      ...rest,
      flavor: flavor ?? byName(mapping?.flavors ?? {}, sourceFlavor) ?? sourceFlavor,
      networks: networks ?? [],
      ...(key === undefined ? {} : { keyName: key }),
    },
    nics: wantedNics(nicFates(target, vm)),
  };
}

/**
 * The guest has had its key since its first boot, so a key pair is for the record only: one that the destination does not
 * have, and that nobody mapped, is left out.
 */
function sourceKey(
  { cloud }: ObservedVm,
  names: Readonly<Record<string, string>>,
  known: readonly string[] | undefined,
): string | undefined {
  const name = cloud?.keyName;
  if (name === undefined) return undefined;
  return byName(names, name) ?? (known?.includes(name) === true ? name : undefined);
}
