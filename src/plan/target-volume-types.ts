import type { VolumeTypeTraits } from '../model/observed.js';
import type { Scene } from './scene.js';
import type { TargetProblem } from './target-problem.js';

/**
 * Types whose volumes cannot be written from outside of Nova. Encrypted: what Cinder stores is a LUKS container, and only
 * Nova is given its key; bytes written past it would overwrite the LUKS header. Multiattach: an attachment keeps nobody else away.
 */
export function volumeTypeDiagnostics({ desired, disks, observed: { catalog } }: Scene): TargetProblem[] {
  const traits = catalog.volumeTypeTraits ?? [];
  const wanted = desired.target.volumeType;
  const used = wanted === undefined ? traits.find(({ isDefault }) => isDefault) : byName(traits, wanted);
  const creates = disks.some(({ verdict }) => verdict.kind === 'create');
  const field = 'spec.target.volumeType';
  const forNew = creates && used !== undefined ? reasons(used).map((why) => problem(why, newVolume(used, wanted), field)) : [];
  const forExisting = disks.flatMap(({ disk, verdict }) => {
    if (!('volume' in verdict) || verdict.kind === 'converted') return [];
    const { id, type, encrypted } = verdict.volume;
    const known = byName(traits, type);
    const traitsOfVolume = { encrypted: encrypted || known?.encrypted === true, multiattach: known?.multiattach === true };
    const address = `${desired.address}/disk/${disk.key}`;
    return reasons(traitsOfVolume).map((why) => ({ ...problem(why, `volume ${id} of type "${type}"`, field), address }));
  });
  return [...forNew, ...forExisting];
}

const byName = (traits: readonly VolumeTypeTraits[], name: string): VolumeTypeTraits | undefined =>
  traits.find(({ id }) => id === name) ?? traits.find((type) => type.name === name);

const newVolume = ({ name }: VolumeTypeTraits, wanted: string | undefined): string =>
  wanted === undefined ? `volume type "${name}", which is the cloud's default,` : `volume type "${name}"`;

function reasons({ encrypted, multiattach }: Pick<VolumeTypeTraits, 'encrypted' | 'multiattach'>): string[] {
  return [
    ...(encrypted
      ? [
          'is encrypted: what is stored is a LUKS container whose key only Nova is given, and disk content written to it would destroy its header',
        ]
      : []),
    ...(multiattach
      ? ['is multiattach: others could attach the volume while it is written, so holding an attachment protects nothing']
      : []),
  ];
}

const problem = (why: string, what: string, field: string): TargetProblem => ({
  code: 'MP2030',
  detail: `${what} ${why}`,
  nextSteps: ['set spec.target.volumeType to a plain type; after the cutover the volume can be retyped'],
  field,
});
