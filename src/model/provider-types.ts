/** Fields of spec.source that name a VM; a manifest has exactly one of them. */
export const selectorFields = ['vm', 'instanceUuid', 'moref', 'server'] as const;
export type SelectorField = (typeof selectorFields)[number];

interface ProviderTypeRow {
  /** What one is called, to people. */
  readonly word: string;
  /** What the id of `identify()` is of. */
  readonly idOf: string;
  /** How its VMs are named in spec.source. */
  readonly selectors: readonly SelectorField[];
  /** VMs may go there. */
  readonly isTarget: boolean;
  /** What its VMs tell of the server that they become, so that a manifest may leave it out. */
  readonly tells: { readonly flavor: boolean; readonly networks: boolean };
  /** A copy of a running VM, for trying out, is something else than a first copy. */
  readonly rehearses: boolean;
}

/**
 * Every type of provider, and what holds for all of a type. A type without a row in the tables that read it from the Project
 * (manifest/project/to-provider.ts), give its schema (manifest/schema/provider-shapes.ts) and open it (open-provider.ts) does not
 * compile.
 */
export const providerTypes = {
  vmware: {
    word: 'vCenter',
    idOf: 'vCenter',
    selectors: ['vm', 'instanceUuid', 'moref'],
    isTarget: false,
    tells: { flavor: false, networks: false },
    rehearses: false,
  },
  openstack: {
    word: 'cloud',
    idOf: 'project',
    selectors: ['server'],
    isTarget: true,
    tells: { flavor: true, networks: true },
    rehearses: true,
  },
  nbd: {
    word: 'machines',
    idOf: 'machine files',
    selectors: ['server'],
    isTarget: false,
    tells: { flavor: false, networks: true },
    rehearses: false,
  },
} as const satisfies Record<string, ProviderTypeRow>;

export type ProviderType = keyof typeof providerTypes;

export const isProviderType = (text: unknown): text is ProviderType =>
  typeof text === 'string' && Object.hasOwn(providerTypes, text);

export const rowOfType = (type: ProviderType): ProviderTypeRow => providerTypes[type];

const namesOfTypes = Object.keys(providerTypes) as ProviderType[];

/** Types of which VMs are named so. */
export const typesWithSelector = (field: SelectorField): ProviderType[] =>
  namesOfTypes.filter((type) => rowOfType(type).selectors.includes(field));

/** Types to which VMs may go. */
export type TargetType = { [T in ProviderType]: (typeof providerTypes)[T]['isTarget'] extends true ? T : never }[ProviderType];

export const isTargetType = (type: ProviderType): type is TargetType => rowOfType(type).isTarget;

export const targetTypes: readonly TargetType[] = namesOfTypes.filter(isTargetType);
