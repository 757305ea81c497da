import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { requiredArgument } from '../cli/text-argument.js';
import { writeNewFiles } from '../cli/write-new-files.js';
import { importWorkloads } from '../engine/import-workloads.js';
import { filesView } from '../views/files/view.js';

export default class Import extends BaseCommand {
  static override summary = 'Turn a workloads.yml of os-migrate into Migration manifests. Reads and writes files only.';
  static override description =
    'hw_machine_type comes from _migration_params of the server, else from volume_image_metadata of its boot volume, and stands ' +
    'in the manifest to be edited; two that differ are refused. What a manifest cannot say is listed. Without --out all go to stdout. Files that exist are never overwritten.';
  static override examples = ['<%= config.bin %> <%= command.id %> workloads.yml --provider old-cloud --out manifests'];
  static override args = { file: requiredArgument('The workloads.yml.') };
  static override flags = {
    provider: Flags.string({ summary: 'Provider of the source cloud in the Project.', helpValue: 'NAME' }),
    out: Flags.string({ summary: 'Folder to write to.', helpValue: 'DIR' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Import);
    const folder = this.folder(flags);
    const { provider } = flags;
    const file = { path: resolve(folder, args.file), shown: args.file };
    const made = await importWorkloads({ ...file, provider, folder, env: process.env });
    const written = flags.out === undefined ? {} : { written: await writeNewFiles(resolve(folder, flags.out), made.files) };
    filesView(this.viewOptions(flags), 'Not kept').made({ ...made, ...written });
  }
}
