import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { ask } from '../cli/ask.js';
import { askStarting } from '../cli/ask-starting.js';
import { BaseCommand } from '../cli/base-command.js';
import { exampleFile, ignored, starterFiles } from '../cli/starter-files.js';
import { missingLines, requireRoom } from '../cli/starting-room.js';
import { unwritable } from '../cli/unwritable.js';
import { isThere, writeNewFile } from '../cli/write-new-files.js';
import { exitCodes } from '../diag/exit-codes.js';
import { loadProject } from '../manifest/load.js';
import { initView } from '../views/init/view.js';

const PROJECT = 'migplan.yaml';

export default class Init extends BaseCommand {
  static override summary = 'Start a project: a project file, a first manifest, schemas for your editor.';
  static override description =
    'Writes only what is not there yet; nothing is overwritten, and a project that has manifests gets no example. ' +
    'At a terminal it asks for what is not given.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --vcenter vc.example.com --cloud prod',
  ];
  static override flags = {
    vcenter: Flags.string({ summary: 'vCenter that VMs come from, as HOST or HOST:PORT.' }),
    cloud: Flags.string({ summary: 'Cloud that VMs go to: the name of its entry in clouds.yaml. Default: $OS_CLOUD.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Init);
    const folder = this.folder(flags);
    const isNew = !(await isThere(join(folder, PROJECT)));
    const isAsked = isNew && process.stdin.isTTY === true && flags.input && !flags.json;
    const starting = await askStarting(flags, process.env, isAsked ? (question) => ask(question) : undefined);
    if (starting === undefined) return this.end(exitCodes.interrupted);
    const files = starterFiles(starting);
    await requireRoom(
      folder,
      [...files, ...(isNew ? [exampleFile] : [])].map(({ path }) => path),
    );
    const written: string[] = [];
    for (const { path, text } of files) if (await writeNew(join(folder, path), text)) written.push(path);
    if (isNew && (await isWithoutManifests(folder)) && (await writeNew(join(folder, exampleFile.path), exampleFile.text)))
      written.push(exampleFile.path);
    const unignored = await missingLines(join(folder, ignored.path), ignored.lines);
    const unused = isNew ? [] : (['vcenter', 'cloud'] as const).filter((name) => flags[name] !== undefined);
    const told = { written, unignored, unused: unused.map((name) => `--${name}`), chdir: flags.chdir };
    initView(this.viewOptions(flags)).initialized(told);
  }
}

const isWithoutManifests = async (cwd: string): Promise<boolean> => {
  const { files } = await loadProject({ cwd, env: {} });
  return files.every(({ path }) => path === PROJECT);
};

/** false: something is there already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeNewFile(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unwritable(error, 'start the project in a folder that can be written: migplan init --chdir DIR');
  }
}
