import type { VolumeTypeTraits } from '../../model/observed-target.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/**
 * Types whose volumes cannot be written. Encrypted: what Cinder stores is a LUKS container, and only Nova is given its key;
 * bytes written past it would overwrite the LUKS header. As a disk of the conversion host such a volume is open, because Nova
 * decrypts it. Multiattach: an attachment keeps nobody else away.
 */
export function volumeTypeDiagnostics(context: PlanContext): TargetProblem[] {
  const {
    desired,
    disks,
    observed: { catalog, conversionHost },
  } = context;
  const reasons = conversionHost === undefined ? reasonsFromCinder : reasonsFromNova;
  const traits = catalog.volumeTypeTraits ?? [];
  const wanted = desired.target.volumeType;
  const used = typeOfNew(traits, wanted);
  const creates = disks.some(({ assessment }) => assessment.kind === 'create');
  const field = 'spec.target.volumeType';
  const forNew = creates && used !== undefined ? reasons(used).map((why) => problem(why, newVolume(used, wanted), field)) : [];
  const forExisting = disks.flatMap(({ disk, assessment }) => {
    if (!('volume' in assessment) || assessment.kind === 'converted') return [];
    const { id, type, encrypted } = assessment.volume;
    const known = byName(traits, type);
    const traitsOfVolume = { encrypted: encrypted || known?.encrypted === true, multiattach: known?.multiattach === true };
    const address = `${desired.address}/disk/${disk.key}`;
    return reasons(traitsOfVolume).map((why) => ({ ...problem(why, `volume ${id} of type "${type}"`, field), address }));
  });
  return [...forNew, ...forExisting, ...otherTypes(context)];
}

/** A volume keeps the type it was made with, whatever the manifest says afterwards. */
function otherTypes({ desired, disks, observed: { catalog } }: PlanContext): TargetProblem[] {
  const wanted = desired.target.volumeType;
  if (wanted === undefined) return [];
  const traits = catalog.volumeTypeTraits ?? [];
  const nameOf = (type: string): string => byName(traits, type)?.name ?? type;
  return disks.flatMap(({ disk, assessment }) => {
    if (!('volume' in assessment) || assessment.kind === 'converted' || nameOf(assessment.volume.type) === nameOf(wanted))
      return [];
    const { id, type } = assessment.volume;
    return [
      {
        code: 'MP2086',
        differs: { before: { volume_type: nameOf(wanted) }, after: { volume_type: nameOf(type) } },
        address: `${desired.address}/disk/${disk.key}`,
        detail: `volume ${id} is of type "${nameOf(type)}", asked for is "${nameOf(wanted)}": the type of a volume that exists is not changed`,
        nextSteps: [
          `openstack volume set --type ${nameOf(wanted)} --retype-policy on-demand ${id}`,
          `or write volumeType: ${nameOf(type)}`,
        ],
        field: 'spec.target.volumeType',
        severity: 'warning',
      } as const,
    ];
  });
}

/** What a new volume gets; undefined: nothing is known of it. */
export const typeOfNew = (traits: readonly VolumeTypeTraits[] = [], wanted: string | undefined): VolumeTypeTraits | undefined =>
  wanted === undefined ? traits.find(({ isDefault }) => isDefault) : byName(traits, wanted);

const byName = (traits: readonly VolumeTypeTraits[], name: string): VolumeTypeTraits | undefined =>
  traits.find(({ id }) => id === name) ?? traits.find((type) => type.name === name);

const newVolume = ({ name }: VolumeTypeTraits, wanted: string | undefined): string =>
  wanted === undefined ? `volume type "${name}", which is the cloud's default,` : `volume type "${name}"`;

type Traits = Pick<VolumeTypeTraits, 'encrypted' | 'multiattach'>;

interface Reason {
  readonly why: string;
  readonly alternative?: string;
}

const luks: Reason = {
  why: 'is encrypted: what is stored is a LUKS container whose key only Nova is given, and disk content written to it would destroy its header',
  alternative:
    'or run migplan on a server of this cloud, with access: {type: nova, server: ...} in the Project: Nova decrypts for it',
};
const shared: Reason = {
  why: 'is multiattach: others could attach the volume while it is written, so holding an attachment protects nothing',
};

const reasonsFromNova = ({ multiattach }: Traits): Reason[] => (multiattach ? [shared] : []);
const reasonsFromCinder = (traits: Traits): Reason[] => [...(traits.encrypted ? [luks] : []), ...reasonsFromNova(traits)];

const problem = ({ why, alternative }: Reason, what: string, field: string): TargetProblem => ({
  code: 'MP2030',
  detail: `${what} ${why}`,
  nextSteps: [
    'set spec.target.volumeType to a plain type; after the cutover the volume can be retyped',
    ...(alternative === undefined ? [] : [alternative]),
  ],
  field,
});
