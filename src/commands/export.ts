import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { writeNewFiles } from '../cli/write-new-files.js';
import { type Exported, type ExportRequest, exportVms } from '../engine/export-vms.js';
import { interruptible, isInterruption } from '../host/interruption.js';
import type { Runtime } from '../runtime.js';
import { type FilesView, filesView } from '../views/files/view.js';

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
    ...projectFlags,
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
    const folder = this.folder(flags);
    const view = filesView(this.viewOptions(flags), 'Not in the file');
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: folder, needsManifests: false });
    const { provider, format, server: named = [], 'name-glob': glob } = flags;
    const request: ExportRequest = { provider, format, named, ...(glob === undefined ? {} : { glob }) };
    const made = flags.deep ? await this.deep(runtime, request, view) : await exportVms(runtime, request);
    const written = flags.out === undefined ? {} : { written: await writeNewFiles(resolve(folder, flags.out), made.files) };
    view.made({ ...made, ...written });
  }

  private async deep(runtime: Runtime, request: ExportRequest, view: FilesView): Promise<Exported> {
    using interrupts = catchInterrupts(() => view.note('Interrupted: the image being made is removed first.'));
    const onAsk = ({ name }: { readonly name: string }) => view.note(`${name}: reading its machine type from an image of it`);
    try {
      const { signal } = interrupts;
      return await interruptible(signal, () => exportVms(runtime, { ...request, deep: { signal, onAsk } }));
    } catch (error) {
      if (!isInterruption(error, interrupts.signal)) throw error;
      return this.end(exitCodeOf(interrupts.received));
    }
  }
}
