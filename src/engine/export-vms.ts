import { DiagnosticsError } from '../diag/diagnostic.js';
import { quoted } from '../manifest/base/problem.js';
import { draftOf } from '../manifest/exchange/migration-draft.js';
import { notWritten, workloadsText } from '../manifest/exchange/os-migrate-write.js';
import { migrationFiles } from '../manifest/exchange/write-migration.js';
import { nameMatcher } from '../manifest/migration/name-matcher.js';
import type { NameMapping } from '../model/desired.js';
import { plural } from '../model/format.js';
import type { ObservedVm } from '../model/observed-source.js';
import { own } from '../model/own.js';
import { rowOfType } from '../model/provider-types.js';
import type { Runtime } from '../runtime.js';
import { withRecordedMachineTypes } from './recorded-machine-types.js';

export interface ExportRequest {
  /** Name in the Project. */
  readonly provider: string;
  /** Names or ids; all when empty. */
  readonly named: readonly string[];
  /** `*` stands for any text. */
  readonly glob?: string;
  readonly format: 'migplan' | 'os-migrate';
  /** Has the source read machine types that its lists do not tell; it makes an image of each such VM for that, and removes it. */
  readonly deep?: { readonly signal: AbortSignal; onAsk(vm: ObservedVm): void };
}

export interface Exported {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What the format cannot say. */
  readonly notKept: readonly string[];
}

/**
 * Manifests for VMs of a provider. Throws DiagnosticsError for a provider, name or id that is not there, ProviderError for remote
 * trouble, and an AbortError when `deep.signal` is aborted between two VMs.
 */
export async function exportVms(runtime: Runtime, request: ExportRequest): Promise<Exported> {
  const { provider, format, deep } = request;
  const { providers, defaults } = runtime.project;
  const config = own(providers, provider);
  if (config === undefined) throw unknownProvider(provider, Object.keys(providers));
  const source = await runtime.source(provider);
  const found = selected(await source.list(), request);
  const vms = deep === undefined ? found : await withRecordedMachineTypes(found, { source, ...deep });
  if (format === 'os-migrate') return { files: [{ path: 'workloads.yml', text: workloadsText(vms) }], notKept: notWritten(vms) };
  const selectedBy = rowOfType(config.type).selectors.includes('instanceUuid') ? 'instanceUuid' : 'server';
  const drafts = vms.map((vm) => draftOf(vm, { provider, selectedBy, mapping: mappingOf(defaults) }));
  return { files: migrationFiles(drafts).map(({ name, text }) => ({ path: `${name}.yaml`, text })), notKept: [] };
}

function selected(vms: readonly ObservedVm[], { named, glob }: ExportRequest): ObservedVm[] {
  const matches = glob === undefined ? () => true : nameMatcher(glob);
  const wanted = new Set(named);
  const namesOf = ({ name, ref, instanceUuid }: ObservedVm): readonly string[] => [name, ref, instanceUuid];
  const known = new Set(vms.flatMap(namesOf));
  const unknown = named.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new DiagnosticsError(
      unknown.map((name) => ({ severity: 'error', code: 'MP2003', detail: `there is no VM "${name}"; nothing was written` })),
    );
  }
  const found = vms.filter((vm) => (named.length === 0 || namesOf(vm).some((name) => wanted.has(name))) && matches(vm.name));
  if (found.length === 0) throw nothingFound(vms.length, glob);
  return found;
}

const nothingFound = (count: number, glob: string | undefined): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP2003',
      detail:
        glob === undefined || count === 0
          ? 'the provider has no VM that this account sees; nothing was written'
          : `none of ${plural(count, 'VM')} has a name like ${quoted(glob)}; nothing was written`,
    },
  ]);

const mappingOf = (defaults: Readonly<Record<string, unknown>>): Partial<NameMapping> =>
  (defaults as { readonly target?: { readonly mapping?: Partial<NameMapping> } }).target?.mapping ?? {};

const unknownProvider = (name: string, known: readonly string[]): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1011',
      detail: `the Project has no provider "${name}"`,
      nextSteps: [`Providers of the Project: ${known.join(', ')}`],
    },
  ]);
