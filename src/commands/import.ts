import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { writeNewFiles } from '../cli/write-new-files.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { printable } from '../diag/printable.js';
import { readInput } from '../host/read-input.js';
import { readWorkloads } from '../manifest/os-migrate-read.js';
import { migrationFiles } from '../manifest/write-migration.js';
import { filesJson } from '../views/files/json.js';
import { processStreams } from '../views/streams.js';

export default class Import extends BaseCommand {
  static override summary = 'Turn a workloads.yml of os-migrate into Migration manifests. Reads and writes files only.';
  static override description =
    'hw_machine_type comes from _migration_params of the server, else from volume_image_metadata of its boot volume, and stands ' +
    'in the manifest to be edited; two that differ are refused. What a manifest cannot say is listed. Without --out all go to stdout. Files that exist are never overwritten.';
  static override examples = ['<%= config.bin %> <%= command.id %> workloads.yml --provider old-cloud --out manifests'];
  static override args = { file: Args.string({ required: true, description: 'The workloads.yml.' }) };
  static override flags = {
    provider: Flags.string({ summary: 'Provider of the source cloud in the Project.', helpValue: 'NAME' }),
    out: Flags.string({ summary: 'Folder to write to.', helpValue: 'DIR' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Import);
    const folder = this.folder({ ...flags, chdir: flags.chdir });
    const reading = readWorkloads(await textOf(resolve(folder, args.file), args.file), flags.provider);
    if (reading.kind === 'not-workloads') throw refused(`${args.file} is no workloads.yml: ${reading.why}`);
    if (reading.kind === 'contradictory') throw new DiagnosticsError(reading.why.map(contradiction));
    const files = migrationFiles(reading.drafts).map(({ name, text }) => ({ path: `${name}.yaml`, text }));
    const notKept = reading.drafts.flatMap(({ name, leftOut = [] }) => leftOut.map((what) => `${name}: ${what}`));
    const written = flags.out === undefined ? undefined : await writeNewFiles(resolve(folder, flags.out), files);
    if (flags.json) {
      const leftOut = [...notKept, ...reading.skipped];
      return filesJson(processStreams, { files: written?.map((path) => ({ path })) ?? files, leftOut });
    }
    if (written === undefined) processStreams.out(files.map(({ text }) => text).join('---\n'));
    else for (const path of written) processStreams.out(`Wrote ${printable(path)}\n`);
    for (const what of notKept) processStreams.err(`Not kept: ${printable(what)}\n`);
    if (reading.skipped.length > 0) processStreams.err(`Left out: ${printable(reading.skipped.join(', '))}\n`);
  }
}

const WORKLOADS_BYTES_MAX = 64 * 2 ** 20;

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
