import type { DesiredMigration, WantedServer } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { isPlainMetadata, isPlainText, plainName } from '../../model/plain-text.js';
import { byName } from '../../model/same-name.js';
import { serverIdentityKey } from '../../model/sync-record.js';
import { type NicFate, type WantedNic, wantedNics } from './destination-nics.js';

/** The server to be made, with all that reaches the cloud; its ports are told apart. */
export interface PlannedServer {
  readonly name: string;
  readonly flavor: string;
  readonly keyName?: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

export interface DestinationServer {
  readonly server: PlannedServer;
  readonly nics: readonly WantedNic[];
  readonly availabilityZone?: string;
}

type Catalog = ObservedMigration['catalog'];

/**
 * The server to be made, with what the manifest leaves open taken from the source server: its flavor, ports, key pair, called
 * as the mapping says or else the same, and its notes. undefined: none is wanted.
 */
export function destinationServer(
  { target }: DesiredMigration,
  vm: ObservedVm,
  { catalog, nics }: { readonly catalog: Catalog; readonly nics: readonly NicFate[] },
): DestinationServer | undefined {
  const { server, mapping } = target;
  if (server === undefined) return undefined;
  const { availabilityZone = target.availabilityZone } = server;
  const key = server.keyName ?? sourceKey(vm, mapping?.keyPairs ?? {}, catalog.keyPairs);
  const sourceFlavor = vm.openstackGuest?.flavor ?? '';
  return {
    server: {
      name: plainName(server.name),
      flavor: server.flavor ?? byName(mapping?.flavors ?? {}, sourceFlavor) ?? sourceFlavor,
      ...(key === undefined ? {} : { keyName: key }),
      ...notesOf(vm, server, catalog),
    },
    nics: wantedNics(nics),
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
  };
}

/** What the manifest says, else what its owners wrote on the source server, as far as every cloud takes it. */
function notesOf(
  { name, openstackGuest }: ObservedVm,
  wanted: WantedServer,
  catalog: Catalog,
): Pick<PlannedServer, 'description' | 'metadata' | 'tags'> {
  const metadata = Object.entries(wanted.metadata ?? openstackGuest?.metadata ?? {}).filter(([key, value]) =>
    isCarriedMetadata(key, value),
  );
  const tags = (wanted.tags ?? openstackGuest?.tags ?? []).filter((tag) => isCarriedTag(tag, catalog)).toSorted();
  const description = wanted.description ?? openstackGuest?.description;
  return {
    // Nova before 2016 wrote the name there.
    ...(description !== undefined && description !== name && isCarriedDescription(description) ? { description } : {}),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata.toSorted(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

const TAG_LENGTH_MAX = 60;

/** The key of an earlier migration tells of another VM. */
export const isCarriedMetadata = (key: string, value: string): boolean =>
  key !== serverIdentityKey && key !== '' && isPlainMetadata(key, value);

export const isCarriedTag = (tag: string, { servers }: Catalog): boolean =>
  servers?.tags !== false && isPlainText(tag) && tag.length <= TAG_LENGTH_MAX && !/[,/]/.test(tag);

export const isCarriedDescription = (text: string): boolean => isPlainText(text);

/**
 * The guest has had its key since its first boot, so a key pair is for the record only: one that the destination does not
 * have, and that nobody mapped, is left out.
 */
function sourceKey(
  { openstackGuest }: ObservedVm,
  names: Readonly<Record<string, string>>,
  known: readonly string[] | undefined,
): string | undefined {
  const name = openstackGuest?.keyName;
  if (name === undefined) return undefined;
  return byName(names, name) ?? (known?.includes(name) === true ? name : undefined);
}
