import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { readInput } from '../host/read-input.js';
import { nearest } from '../manifest/base/nearest.js';
import { readWorkloads } from '../manifest/exchange/os-migrate-read.js';
import { migrationFiles } from '../manifest/exchange/write-migration.js';
import { loadProject } from '../manifest/load.js';

export interface ImportRequest {
  readonly path: string;
  /** The path as it was given. */
  readonly shown: string;
  /** The source cloud's name in the Project, where the manifests are to name it. */
  readonly provider: string | undefined;
  /** Of the Project, which may not be there yet. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Imported {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What the manifests cannot say. */
  readonly notKept: readonly string[];
  /** Resources that are no servers. */
  readonly skipped: readonly string[];
}

const WORKLOADS_BYTES_MAX = 64 * 2 ** 20;

/**
 * Manifests for the servers of a file of os-migrate. Throws DiagnosticsError for a file that cannot be read, is none, or contradicts itself, and for
 * a provider that the Project does not have.
 */
export async function importWorkloads(request: ImportRequest): Promise<Imported> {
  const { path, shown, provider } = request;
  if (provider !== undefined) await requireProvider(provider, request);
  const reading = readWorkloads(await textOf(path, shown), provider);
  if (reading.kind === 'not-workloads') throw refused(`${shown} is no workloads.yml: ${reading.why}`);
  if (reading.kind === 'contradictory') throw new DiagnosticsError(reading.why.map(contradiction));
  return {
    files: migrationFiles(reading.drafts).map(({ name, text }) => ({ path: `${name}.yaml`, text })),
    notKept: reading.drafts.flatMap(({ name, leftOut = [] }) => leftOut.map((what) => `${name}: ${what}`)),
    skipped: reading.skipped,
  };
}

/** Where there is a Project without mistakes; without one nobody knows what it will have. */
async function requireProvider(name: string, { folder, env }: ImportRequest): Promise<void> {
  const { project } = await loadProject({ cwd: folder, env });
  if (project === undefined || Object.hasOwn(project.providers, name)) return;
  const known = Object.keys(project.providers);
  const meant = nearest(name, known);
  const nextSteps = [...(meant ? [`Did you mean ${meant}?`] : []), `Providers of the Project: ${known.join(', ')}`];
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1011',
      detail: `--provider ${name}: the Project has no such provider; nothing was written`,
      nextSteps,
    },
  ]);
}

async function textOf(path: string, shown: string): Promise<string> {
  try {
    return (await readInput(path, { bytesMax: WORKLOADS_BYTES_MAX })).toString('utf8');
  } catch (error) {
    throw refused(`${shown} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}

const contradiction = (detail: string): Diagnostic => ({
  severity: 'error',
  code: 'MP1030',
  detail,
  nextSteps: ['write the same type in both places, or delete one of them'],
});

const refused = (detail: string): DiagnosticsError => new DiagnosticsError([{ severity: 'error', code: 'MP1012', detail }]);
