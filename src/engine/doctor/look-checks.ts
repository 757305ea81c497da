import { type Looks, lookAt, type Work } from '../../apply/looks.js';
import type { SourceProvider } from '../../contracts/source-provider.js';
import type { TargetProvider } from '../../contracts/target-provider.js';
import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import type { SourceUse } from '../../model/source-use.js';
import { type CheckIdOf, idsOf } from '../../plan/checks/check-table.js';
import type { Check } from './check.js';
import { checkRow, isFailed } from './check-row.js';
import { hostChecks } from './host-checks.js';

/** What a migration goes through, and what each needs besides what the one before needs. */
export const phases = ['plan', 'seed and sync', 'cutover'] as const;
export type DoctorPhase = (typeof phases)[number];

/** The first phase that comes to use a privilege on the source. */
export const phaseOf: Readonly<Record<SourceUse, DoctorPhase>> = {
  observe: 'plan',
  track: 'seed and sync',
  copy: 'seed and sync',
  'power-off': 'cutover',
};

export const isWithin = (last: DoctorPhase, phase: DoctorPhase): boolean => phases.indexOf(phase) <= phases.indexOf(last);

/** A row as it counts where nothing beyond `last` is to be done: what a later phase lacks is worth knowing, and no failure. */
export function weighedFor(last: DoctorPhase, { phase, check }: PhaseCheck): Check {
  if (isWithin(last, phase)) return check;
  const { isFailed: isTold, ...rest } = check;
  return { ...rest, ...(isTold && { found: 'told above' }), diagnostics: check.diagnostics.map(asWarning) };
}

export const asWarning = (one: Diagnostic): Diagnostic => ({ ...one, severity: 'warning' });

const workOf: { readonly [P in DoctorPhase]: Work } = {
  plan: { moves: false, converts: false },
  'seed and sync': { moves: true, converts: false },
  cutover: { moves: false, converts: true, guest: 'windows' },
};

type LookId = CheckIdOf<'look'>;

/** Where each look is made when there is no VM: on this machine, or for a provider; and for which phases. */
const places: { readonly [Id in LookId]: Place } = {
  // Of the VMs of manifests; all of the table is asked by `--vcenter`.
  privileges: { of: 'provider', phases: {} },
  programs: {
    of: 'machine',
    phases: { 'seed and sync': 'nbdkit, nbdcopy, nbdinfo, qemu', cutover: 'virt-v2v-in-place, guestfish' },
  },
  reader: { of: 'provider', phases: { 'seed and sync': 'what reads its disks' } },
  writer: { of: 'provider', phases: { 'seed and sync': 'what writes its volumes' } },
  'windows-drivers': { of: 'machine', phases: { cutover: 'virtio-win, rhsrvany' } },
  'conversion-host': { of: 'provider', phases: { 'seed and sync': 'reached and fit' } },
};

interface Place {
  readonly of: 'machine' | 'provider';
  /** What is there when all is well. */
  readonly phases: { readonly [P in DoctorPhase]?: string };
}

/** A row, and which phase does not go without it. */
export interface PhaseCheck {
  readonly phase: DoctorPhase;
  readonly id: string;
  readonly check: Check;
}

/** A provider of the Project in the parts that it plays. */
export interface Role {
  readonly name: string;
  readonly source?: SourceProvider;
  readonly target?: TargetProvider;
}

/** The looks that concern this machine alone. */
export async function machineLookChecks(looks: Looks): Promise<PhaseCheck[]> {
  const rows: PhaseCheck[] = [];
  for (const { id, phase, found } of looksOf('machine')) {
    const subject = { address: 'this machine', station: 'doctor', work: workOf[phase] } as const;
    const diagnostics = async () => (await lookAt(looks, id, subject)).map((one) => weighed(id, one));
    rows.push({ id, phase, check: await lookRow(`${phase}: ${id}`, found, diagnostics) });
  }
  return rows;
}

/** `found` is what is there when nothing is told. */
const lookRow = (name: string, found: string, look: () => Promise<Diagnostic[]>): Promise<Check> =>
  checkRow(name, async () => {
    const diagnostics = await look();
    return { found: diagnostics.length === 0 ? found : '', diagnostics };
  });

/** As long as nobody knows of a Windows guest it is worth knowing only. For those that have a manifest, migrationChecks looks again. */
const weighed = (id: LookId, one: Diagnostic): Diagnostic => (id === 'windows-drivers' ? asWarning(one) : one);

/** The looks that concern one provider; its conversion host in detail. */
export async function providerLookChecks(looks: Looks, { name, ...provider }: Role): Promise<PhaseCheck[]> {
  const rows: PhaseCheck[] = [];
  for (const { id, phase, found } of looksOf('provider')) {
    if ((id === 'reader' && provider.source === undefined) || (id === 'writer' && provider.target === undefined)) continue;
    const details = id === 'conversion-host' ? await hostDetails(provider) : [];
    rows.push(...details.map((check) => ({ id, phase, check })));
    const address = `provider/${name}`;
    const subject = { ...provider, address, station: 'doctor', work: workOf[phase] } as const;
    const isNone = id === 'conversion-host' && !hasHost(provider);
    const check = await lookRow(`${name}: ${id}`, isNone ? 'none is used' : found, () => lookAt(looks, id, subject));
    // What the details have told is not told twice.
    const isTold = details.some(isFailed) && hasErrors(check.diagnostics);
    rows.push({ id, phase, check: isTold ? { ...check, isFailed: true, diagnostics: [] } : check });
  }
  return rows;
}

const hostDetails = async ({ source, target }: Omit<Role, 'name'>): Promise<Check[]> => [
  ...(source === undefined ? [] : await hostChecks(source)),
  ...(target === undefined ? [] : await hostChecks(target)),
];

const hasHost = ({ source, target }: Omit<Role, 'name'>): boolean => [source, target].some((one) => one?.checkHost !== undefined);

interface PlacedLook {
  readonly id: LookId;
  readonly phase: DoctorPhase;
  readonly found: string;
}

const looksOf = (of: 'machine' | 'provider'): PlacedLook[] =>
  idsOf('look')
    .filter((id) => places[id].of === of)
    .flatMap((id) =>
      phases.flatMap((phase) => {
        const found = places[id].phases[phase];
        return found === undefined ? [] : [{ id, phase, found }];
      }),
    );

/** For each phase whether it can be done, or what it lacks. A phase needs what the ones before it need. */
export function phaseSummary(name: string, rows: readonly PhaseCheck[]): Check {
  const told = phases.map((phase, index) => {
    const upTo = phases.slice(0, index + 1);
    const lacking = rows.filter((row) => upTo.includes(row.phase) && isFailed(row.check)).map(({ id }) => id);
    return `${phase}: ${lacking.length === 0 ? 'yes' : `no (${[...new Set(lacking)].join(', ')})`}`;
  });
  return { name: `${name}: in all`, found: told.join(', '), diagnostics: [] };
}
