import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { isAbort } from '../apply/error-diagnostics.js';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { writeNewFiles } from '../cli/write-new-files.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { printable } from '../diag/printable.js';
import { draftOf } from '../manifest/migration-draft.js';
import { notWritten, workloadsText } from '../manifest/os-migrate-write.js';
import { migrationFiles } from '../manifest/write-migration.js';
import type { NameMapping } from '../model/desired.js';
import type { ObservedVm } from '../model/observed.js';
import { own } from '../model/own.js';
import type { SourceProvider } from '../providers/provider.js';
import { withRecordedMachineTypes } from '../recorded-machine-types.js';
import { nameMatcher } from '../select-migrations.js';
import { filesJson } from '../views/files/json.js';
import { processStreams } from '../views/streams.js';

export default class Export extends BaseCommand {
  static override summary = 'Write Migration manifests for VMs of a provider. Changes nothing on it.';
  static override description =
    'The machine type of each VM stands in its manifest, read from the source, to be reviewed and edited. Without --out all go ' +
    'to stdout. Files that exist are never overwritten. An OpenStack server whose volume and image record no machine type has ' +
    'one all the same, which Nova shows only on an image of the server: with --deep such images, and the volume snapshots that ' +
    'Nova takes for them, are made and removed again, one server after the other.';
  static override examples = [
    "<%= config.bin %> <%= command.id %> --provider old-cloud --name-glob 'legacy-*' --out manifests",
    '<%= config.bin %> <%= command.id %> --provider old-cloud --format os-migrate --out .',
    '<%= config.bin %> <%= command.id %> --provider old-cloud --deep --out manifests',
  ];
  static override flags = {
    provider: Flags.string({ summary: 'Provider in the Project to read.', required: true, helpValue: 'NAME' }),
    server: Flags.string({ summary: 'Only this VM, by name or id. May be repeated.', multiple: true, helpValue: 'NAME|ID' }),
    'name-glob': Flags.string({ summary: 'Only VMs whose name matches (* allowed).', helpValue: 'GLOB' }),
    out: Flags.string({ summary: 'Folder to write to.', helpValue: 'DIR' }),
    format: Flags.option({ options: ['migplan', 'os-migrate'] as const, default: 'migplan' as const })({
      summary: 'Manifests, or a workloads.yml for os-migrate.',
    }),
    deep: Flags.boolean({
      summary: 'Where no machine type is recorded, have Nova make an image of the server, read it there, and remove it.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Export);
    const folder = this.folder({ ...flags, chdir: flags.chdir });
    await using runtime = await this.openRuntime({ cwd: folder, needsManifests: false });
    const { provider, format } = flags;
    if (own(runtime.project.providers, provider) === undefined)
      throw unknownProvider(provider, Object.keys(runtime.project.providers));
    const source = await runtime.source(provider);
    const found = selected(await source.list(), flags.server ?? [], flags['name-glob']);
    const vms = flags.deep ? await this.completed(found, source) : found;
    const mapping = mappingOf(runtime.project.defaults);
    const files =
      format === 'os-migrate'
        ? [{ path: 'workloads.yml', text: workloadsText(vms) }]
        : migrationFiles(vms.map((vm) => draftOf(vm, { provider, mapping }))).map(({ name, text }) => ({
            path: `${name}.yaml`,
            text,
          }));
    const leftOut = format === 'os-migrate' ? notWritten(vms) : [];
    const written = flags.out === undefined ? undefined : await writeNewFiles(resolve(folder, flags.out), files);
    if (flags.json) return filesJson(processStreams, { files: written?.map((path) => ({ path })) ?? files, leftOut });
    if (written === undefined) processStreams.out(files.map(({ text }) => text).join('---\n'));
    else for (const path of written) processStreams.out(`Wrote ${printable(path)}\n`);
    for (const what of leftOut) processStreams.err(`Not in the file: ${printable(what)}\n`);
  }

  /** Notes go to stderr: stdout may be the manifests. */
  private async completed(vms: readonly ObservedVm[], source: SourceProvider): Promise<ObservedVm[]> {
    const note = (text: string) => processStreams.err(`${printable(text)}\n`);
    using interrupts = catchInterrupts(() => note('Interrupted: the image being made is removed first.'));
    try {
      return await withRecordedMachineTypes(vms, {
        source,
        signal: interrupts.signal,
        onAsk: ({ name }) => note(`${name}: reading its machine type from an image of it`),
      });
    } catch (error) {
      if (!isAbort(error)) throw error;
      return this.end(exitCodeOf(interrupts.received));
    }
  }
}

/** Throws DiagnosticsError for a name or id that no VM has. */
function selected(vms: readonly ObservedVm[], named: readonly string[], glob: string | undefined): ObservedVm[] {
  const matches = glob === undefined ? () => true : nameMatcher(glob);
  const answers = (vm: ObservedVm, wanted: string): boolean =>
    vm.name === wanted || vm.ref === wanted || vm.instanceUuid === wanted;
  const unknown = named.filter((wanted) => !vms.some((vm) => answers(vm, wanted)));
  if (unknown.length > 0) {
    throw new DiagnosticsError(
      unknown.map((wanted) => ({ severity: 'error', code: 'MP2003', detail: `there is no VM "${wanted}"; nothing was written` })),
    );
  }
  return vms.filter((vm) => (named.length === 0 || named.some((wanted) => answers(vm, wanted))) && matches(vm.name));
}

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
