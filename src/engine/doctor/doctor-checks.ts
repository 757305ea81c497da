import { type Diagnostic, DiagnosticsError, hasErrors } from '../../diag/diagnostic.js';
import { ProgramFinder } from '../../host/program.js';
import { machineLooks } from '../../machine-looks.js';
import { selectMigrations } from '../../manifest/migration/select-migrations.js';
import { providerTypes } from '../../model/provider-types.js';
import type { Runtime } from '../../runtime.js';
import type { Check } from './check.js';
import { checkRow } from './check-row.js';
import {
  asWarning,
  type DoctorPhase,
  machineLookChecks,
  type PhaseCheck,
  phaseSummary,
  providerLookChecks,
  type Role,
  weighedFor,
} from './look-checks.js';
import { migrationChecks, noMigrations } from './migration-checks.js';
import { notifyChecks } from './notify-checks.js';
import { anyProviders } from './providers-of.js';
import { stateChecks } from './state-check.js';

export interface DoctorQuestion {
  /** Migrations that answer to them; all without any. */
  readonly targets: readonly string[];
  /** The only one that is looked at, without the migrations; all, and what migrates between them, without it. */
  readonly provider?: string | undefined;
  /** What is to be done from here, with these accounts. What only later phases lack is a warning. */
  readonly last: DoctorPhase;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** This machine, each provider of the Project, and the migrations. */
export async function doctorChecks(open: () => Promise<Runtime>, question: DoctorQuestion): Promise<Check[]> {
  const machine = await machineLookChecks(machineLooks(new ProgramFinder(), async () => []));
  const rest: Check[] = [];
  const opened = await checkRow('project', async () => {
    await using runtime = await open();
    rest.push(...(await projectChecks(runtime, { machine, ...question })));
    const { migrations, diagnostics } = runtime.loaded;
    return { found: `${migrations.length} migrations`, diagnostics: diagnostics.map(withoutManifests) };
  });
  const rows = machine.map((row) => weighedFor(question.last, row));
  return [...rows, opened, ...(rest.length === 0 ? [phaseSummary('this machine', machine)] : rest)];
}

/** A Project that has no manifests yet is well. */
const withoutManifests = (one: Diagnostic): Diagnostic => (one.code === 'MP1014' ? asWarning(one) : one);

interface Asked extends DoctorQuestion {
  readonly machine: readonly PhaseCheck[];
}

async function projectChecks(runtime: Runtime, { machine, targets, provider, last, env }: Asked): Promise<Check[]> {
  const names = anyProviders(runtime, provider);
  const { selected, diagnostics } = selectMigrations(runtime.loaded.migrations, targets);
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  // Only an apply tells anybody.
  const notify = last === 'plan' ? [] : await notifyChecks(runtime.project.notify, env);
  const checks: Check[] = [];
  const sums = new Map<string, readonly PhaseCheck[]>();
  for (const name of names) {
    const login = await loginCheck(runtime, name);
    // Where nobody can log in, all else would fail for the same reason.
    const looks = hasErrors(login.check.diagnostics) ? [] : await providerLookChecks(runtime.looks, await roleOf(runtime, name));
    checks.push(login.check, ...looks.map((row) => weighedFor(last, row)));
    sums.set(name, [login, ...looks, ...machine]);
  }
  const isOpen =
    provider === undefined && checks.every(({ name, diagnostics: told }) => !name.startsWith('provider ') || !hasErrors(told));
  const { rows, privileges } = isOpen ? await migrationChecks(runtime, selected, last) : noMigrations;
  const inAll = [...sums].map(([name, all]) => phaseSummary(name, [...all, ...(privileges.get(name) ?? [])]));
  return [...notify, ...(await stateChecks(runtime, last)), ...checks, ...rows, ...inAll];
}

async function loginCheck(runtime: Runtime, name: string): Promise<PhaseCheck> {
  const check = await checkRow(`provider ${name}`, async () => {
    const { kind, endpoint, id } = await (await runtime.provider(name)).identify();
    return { found: `${endpoint} (${providerTypes[kind].idOf} ${id})`, diagnostics: [] };
  });
  return { phase: 'plan', id: 'login', check };
}

/** A vCenter is a source; a cloud is what migrations take it for, and both as long as none names it. */
async function roleOf(runtime: Runtime, name: string): Promise<Role> {
  const { migrations } = runtime.loaded;
  const isSource = migrations.some(({ source }) => source.provider === name);
  const isTarget = migrations.some(({ target }) => target.provider === name);
  const target = isTarget || !isSource ? await runtime.cloud(name) : undefined;
  return {
    name,
    ...((isSource || !isTarget) && { source: await runtime.source(name) }),
    ...(target !== undefined && { target }),
  };
}
