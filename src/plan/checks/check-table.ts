import type { DiagnosticCode } from '../../diag/catalog.js';

/**
 * When checks run. `plan`, `doctor`: nothing is touched. `begin`: right before the first action of a VM, and so before its first
 * snapshot. `no-return`: right before the first step that cannot be taken back. Every check runs at each of them; a later one only
 * finds what has changed since.
 */
export const stations = ['plan', 'doctor', 'begin', 'no-return'] as const;
export type Station = (typeof stations)[number];

/**
 * migration: judged from what was observed of one migration. together: from all migrations of a plan at once, when their actions are
 * known. look: something has to be tried, on this machine or on the source.
 */
export type CheckKind = 'migration' | 'together' | 'look';

interface CheckRow {
  readonly kind: CheckKind;
  /** For people: what is looked at. */
  readonly looksAt: string;
  /** Whose trouble it is. What this machine lacks another may have, so that a plan only warns of it. */
  readonly about: 'source' | 'target' | 'machine';
  /** All that it may say. */
  readonly says: readonly DiagnosticCode[];
}

/**
 * All that could stop a migration and can be known before it begins. A check is a row here and its implementation under the same
 * name (judge.ts, judge-together.ts, apply/looks.ts); there is no other way for one to run.
 */
export const checkTable = {
  'source-state': {
    kind: 'migration',
    looksAt: 'whether the VM can be frozen at all',
    about: 'source',
    says: ['MP2011'],
  },
  'source-disks': {
    kind: 'migration',
    looksAt: 'disks that no snapshot holds or nobody can read',
    about: 'source',
    says: ['MP2009', 'MP2010'],
  },
  'volume-reach': {
    kind: 'migration',
    looksAt: 'volumes of an old cloud that the access of its provider does not open',
    about: 'source',
    says: ['MP2064'],
  },
  'boot-disk': { kind: 'migration', looksAt: 'which disk the guest boots from', about: 'target', says: ['MP2050'] },
  'guest-family': {
    kind: 'migration',
    looksAt: 'whether the guest is one that can be converted',
    about: 'source',
    says: ['MP2056'],
  },
  'change-tracking': {
    kind: 'migration',
    looksAt: 'whether changed blocks are, or can be, tracked',
    about: 'source',
    says: ['MP2005', 'MP2025', 'MP2044', 'MP2046', 'MP2047'],
  },
  'foreign-runs': {
    kind: 'migration',
    looksAt: 'snapshots that runs elsewhere have left',
    about: 'source',
    says: ['MP2024'],
  },
  'source-history': {
    kind: 'migration',
    looksAt: 'disks that are gone since the last sync',
    about: 'source',
    says: ['MP2022'],
  },
  'guest-shutdown': {
    kind: 'migration',
    looksAt: 'whether the guest can be asked to shut down',
    about: 'source',
    says: ['MP2072'],
  },
  'virtual-tpm': {
    kind: 'migration',
    looksAt: 'a virtual TPM that may hold the keys of a Windows guest',
    about: 'source',
    says: ['MP2068'],
  },
  volumes: {
    kind: 'migration',
    looksAt: 'the volumes of each disk, and their records',
    about: 'target',
    says: [
      'MP2001',
      'MP2002',
      'MP2005',
      'MP2006',
      'MP2007',
      'MP2008',
      'MP2012',
      'MP2013',
      'MP2014',
      'MP2015',
      'MP2016',
      'MP2028',
      'MP2065',
    ],
  },
  reseed: {
    kind: 'migration',
    looksAt: 'whether what spec.reseed asks for was carried out already',
    about: 'target',
    says: ['MP2073'],
  },
  'target-names': {
    kind: 'migration',
    looksAt: 'names of flavor, networks, groups, types, zones and keys',
    about: 'target',
    says: ['MP2020'],
  },
  'ambiguous-names': {
    kind: 'migration',
    looksAt: 'names that several networks or security groups have',
    about: 'target',
    says: ['MP2070'],
  },
  'volume-type': {
    kind: 'migration',
    looksAt: 'volume types that cannot be written, or that are not what is asked for',
    about: 'target',
    says: ['MP2030', 'MP2086'],
  },
  'volume-zone': {
    kind: 'migration',
    looksAt: 'volumes that are in another zone than is asked for',
    about: 'target',
    says: ['MP2088'],
  },
  'host-slots': {
    kind: 'migration',
    looksAt: 'room for the disks on the conversion host',
    about: 'target',
    says: ['MP2034'],
  },
  'flavor-size': { kind: 'migration', looksAt: 'a flavor smaller than the VM', about: 'target', says: ['MP2031'] },
  'earlier-server': {
    kind: 'migration',
    looksAt: 'a server that was made of an earlier copy of the VM',
    about: 'target',
    says: ['MP2087'],
  },
  'server-notes': {
    kind: 'migration',
    looksAt: 'metadata and tags, as many as Nova keeps of a server',
    about: 'target',
    says: ['MP2067'],
  },
  nics: {
    kind: 'migration',
    looksAt: 'where every NIC of the source goes',
    about: 'target',
    says: ['MP2060', 'MP2061', 'MP2062', 'MP2063'],
  },
  addresses: { kind: 'migration', looksAt: 'MAC and IP addresses of the ports', about: 'target', says: ['MP2032'] },
  'machine-type': {
    kind: 'migration',
    looksAt: 'machine type, firmware and disk bus of the server',
    about: 'target',
    says: ['MP2018', 'MP2027', 'MP2029', 'MP2041', 'MP2051'],
  },
  'kept-properties': {
    kind: 'migration',
    looksAt: 'image metadata of the boot volume that nobody asks for any more',
    about: 'target',
    says: ['MP2088'],
  },
  'same-vm': {
    kind: 'together',
    looksAt: 'one VM that two manifests name in different ways',
    about: 'source',
    says: ['MP2085'],
  },
  'same-volume': {
    kind: 'together',
    looksAt: 'volumes of other tools that fit two VMs of one name',
    about: 'target',
    says: ['MP2015'],
  },
  'address-clashes': {
    kind: 'together',
    looksAt: 'addresses that two servers of the plan ask for',
    about: 'target',
    says: ['MP2032'],
  },
  'source-room': {
    kind: 'together',
    looksAt: 'quota and slots that reading takes in a source cloud, also for several VMs at a time',
    about: 'source',
    says: ['MP2019', 'MP2034'],
  },
  quota: { kind: 'together', looksAt: 'quota of the target project', about: 'target', says: ['MP2019'] },
  privileges: {
    kind: 'look',
    looksAt: 'privileges on the VM that the next steps need',
    about: 'source',
    says: ['MP5008'],
  },
  programs: {
    kind: 'look',
    looksAt: 'programs that move bytes and convert',
    about: 'machine',
    says: ['MP8001', 'MP8002', 'MP8003'],
  },
  reader: {
    kind: 'look',
    looksAt: 'plugins, libraries and folders that reading the source needs',
    about: 'machine',
    says: ['MP8006', 'MP8007', 'MP8008', 'MP8009'],
  },
  writer: {
    kind: 'look',
    looksAt: 'drivers, configuration and folders that writing volumes needs',
    about: 'machine',
    says: ['MP8009'],
  },
  'windows-drivers': {
    kind: 'look',
    looksAt: 'drivers for the hardware that a Windows guest would get',
    about: 'target',
    says: ['MP2051', 'MP8001'],
  },
  'conversion-host': {
    kind: 'look',
    looksAt: 'whether conversion hosts are reached and fit',
    about: 'machine',
    says: ['MP8004'],
  },
} as const satisfies Record<string, CheckRow>;

export type CheckId = keyof typeof checkTable;

/** The checks of one kind. */
export type CheckIdOf<Kind extends CheckKind> = {
  [Id in CheckId]: (typeof checkTable)[Id] extends { readonly kind: Kind } ? Id : never;
}[CheckId];

export const idsOf = <Kind extends CheckKind>(kind: Kind): CheckIdOf<Kind>[] =>
  Object.entries(checkTable).flatMap(([id, row]) => (row.kind === kind ? [id as CheckIdOf<Kind>] : []));
