import type { Diagnostic } from '../../diag/diagnostic.js';
import type { WantedServer } from '../../model/desired.js';
import type { ServerMake, TargetCatalog } from '../../model/observed-target.js';
import { findNetwork, wantedNics } from '../core/destination-nics.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import { portsOfServer } from '../core/port-index.js';

const NONE = 'none';

/** One field of target.server, as its manifest has it and as the server is. Both the same way: names, or ids where there are none. */
interface Drift {
  readonly field: keyof WantedServer;
  readonly wanted: string;
  readonly has: string;
  /** The same, where they are lists. */
  readonly lists?: { readonly wanted: readonly string[]; readonly has: readonly string[] };
}

/**
 * A server that was made is left alone, whatever its manifest says since; that they differ must be told. Compared is what the
 * manifest itself names: what was taken from the source, or left to the cloud, is nobody's wish for ever.
 */
export function serverDrift(context: PlanContext): Diagnostic[] {
  const { desired, observed } = context;
  const { server } = desired.target;
  const made = observed.server?.make;
  if (server === undefined || observed.server === undefined || made === undefined) return [];
  const found = [flavorDrift, zoneDrift, keyDrift, networkDrift, groupDrift].flatMap((compare) => compare(context, server, made));
  return found.map(({ field, wanted, has, lists }) => ({
    ...blockerDiagnostic(desired, `${desired.address}/server`, {
      code: 'MP2066',
      differs: { before: { [wordOf(field)]: lists?.wanted ?? wanted }, after: { [wordOf(field)]: lists?.has ?? orNull(has) } },
      detail: `${observed.server!.name} (${observed.server!.id}) has ${field} ${has}, and its manifest says ${wanted}`,
      nextSteps: [
        isNone(has)
          ? `a server that exists is left alone: change it in the cloud, or take spec.target.server.${field} out`
          : `a server that exists is left alone: change it in the cloud, or write spec.target.server.${field}: ${has}`,
      ],
      field: `spec.target.server.${field}`,
    }),
    severity: 'warning',
  }));
}

/** As all that programs read of a plan is spelled. */
const wordOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const orNull = (has: string): string | null => (has === NONE ? null : has);

const isNone = (has: string): boolean => has === NONE || has === '[]';

type Compare = (context: PlanContext, server: WantedServer, made: ServerMake) => readonly Drift[];

const unless = (isSame: boolean, drift: Drift): readonly Drift[] => (isSame ? [] : [drift]);

const flavorDrift: Compare = ({ observed: { catalog } }, { flavor }, made) => {
  if (flavor === undefined || made.flavor === undefined) return [];
  const name = (wanted: string): string => catalog.flavorSizes?.find(({ id }) => id === wanted)?.name ?? wanted;
  return unless(name(flavor) === name(made.flavor), { field: 'flavor', wanted: flavor, has: name(made.flavor) });
};

/** An administrator may have asked for a host in it, as `zone:host`. */
const zoneDrift: Compare = ({ desired }, { availabilityZone = desired.target.availabilityZone }, made) => {
  const has = made.availabilityZone;
  if (availabilityZone === undefined || has === undefined) return [];
  return unless(availabilityZone.split(':')[0] === has, { field: 'availabilityZone', wanted: availabilityZone, has });
};

const keyDrift: Compare = (_scene, { keyName }, made) =>
  keyName === undefined || made.keyName === undefined
    ? []
    : unless(keyName === made.keyName, { field: 'keyName', wanted: keyName, has: made.keyName || NONE });

const networkDrift: Compare = ({ nics: fates, observed: { catalog, server: real } }, { networks }) => {
  if (networks === undefined || real === undefined || catalog.ports === undefined || catalog.networkDetails === undefined)
    return [];
  // The source has another NIC by now: what it would get says nothing about this server.
  if (fates.some(({ becomes }) => becomes === 'unmapped')) return [];
  const wanted = wantedNics(fates).map(({ network }) => networkName(network, catalog));
  const has = portsOfServer(catalog, real.id).map(({ network }) => networkName(network, catalog));
  return unless(sameNames(wanted, has), ofLists('networks', wanted, has));
};

function networkName(wanted: string, { networkDetails = [] }: TargetCatalog): string {
  const details = findNetwork(networkDetails, wanted);
  const isAlone = networkDetails.filter(({ name }) => name === details?.name).length === 1;
  return details === undefined || details.name === '' || !isAlone ? (details?.id ?? wanted) : details.name;
}

/** Nova tells the groups of all ports together. */
const groupDrift: Compare = ({ nics: fates, observed: { catalog } }, { securityGroups, networks }, made) => {
  const isNamed = (networks ?? []).some((entry) => entry !== 'skip' && entry.securityGroups !== undefined);
  if (made.securityGroups === undefined || !(isNamed || (securityGroups ?? []).length > 0)) return [];
  const nics = wantedNics(fates).filter(({ portSecurity }) => portSecurity !== false);
  // Where Neutron chose the group, it is not known here.
  if (nics.length === 0 || nics.some((nic) => nic.securityGroups === undefined)) return [];
  const name = (wanted: string): string => catalog.securityGroupDetails?.find(({ id }) => id === wanted)?.name ?? wanted;
  const distinct = (names: readonly string[]): string[] => [...new Set(names.map(name))];
  const wanted = distinct(nics.flatMap((nic) => nic.securityGroups ?? []));
  const has = distinct(made.securityGroups);
  return unless(sameNames(wanted, has), ofLists('securityGroups', wanted, has));
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());

const ofLists = (field: Drift['field'], wanted: readonly string[], has: readonly string[]): Drift => ({
  field,
  wanted: listed(wanted),
  has: listed(has),
  lists: { wanted: wanted.toSorted(), has: has.toSorted() },
});

const listed = (names: readonly string[]): string => `[${names.toSorted().join(', ')}]`;
