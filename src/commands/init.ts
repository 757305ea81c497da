import { join } from 'node:path';
import { BaseCommand } from '../cli/base-command.js';
import { starterFiles } from '../cli/starter-files.js';
import { unwritable } from '../cli/unwritable.js';
import { writeNewFile } from '../cli/write-new-files.js';
import { initView } from '../views/init/view.js';

export default class Init extends BaseCommand {
  static override summary = 'Start a project: a project file, a first manifest, schemas for your editor.';
  static override description = 'Writes only what is not there yet; nothing is overwritten.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Init);
    const written: string[] = [];
    for (const { path, text } of starterFiles()) {
      if (await writeNew(join(this.folder(flags), path), text)) written.push(path);
    }
    initView(this.viewOptions(flags)).initialized(written);
  }
}

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
