import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { newBundlePath, whyNoBundle } from '../cli/bundle-path.js';
import { optionalArgument } from '../cli/text-argument.js';
import { stateIn } from '../engine/runs/find-run.js';
import { bundleView } from '../views/bundle/view.js';

export default class Bundle extends BaseCommand {
  static override summary =
    'Pack what somebody needs who is to help: a run, its project and versions, without secrets. No network.';
  static override description =
    'Journal, logs and plan of the run, the Project and its manifests, the state, versions of programs, and a MANIFEST of it all, which is printed ' +
    'too. What is secret, or looks like it, is struck out. The Project may be broken, and there need not be a run.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 79o62r26nsg2 --out case-4711.tar.gz',
  ];
  static override args = { run: optionalArgument('Name of the run or its beginning; the newest without it.') };
  static override flags = {
    out: Flags.string({ summary: 'Write to this file, which must not exist. Left alone: bundle-RUN.tar.gz.', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Bundle);
    const common = { ...flags, chdir: flags.chdir };
    const folder = this.folder(common);
    const { makeBundle } = await import('../engine/bundle/make-bundle.js');
    const asked = {
      folder,
      env: process.env,
      state: await stateIn(folder, process.env),
      ...(args.run !== undefined && { asked: args.run }),
      version: this.config.version,
      pathFor: (run: string | undefined) => newBundlePath(folder, flags.out, run),
    };
    const made = await makeBundle(asked).catch((error: unknown) => {
      throw whyNoBundle(error);
    });
    bundleView(this.viewOptions(common)).made(made);
  }
}
