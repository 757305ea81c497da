import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { completionCommands } from '../cli/completion-commands.js';
import { completionScript, shells } from '../views/completion/scripts.js';

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes commands, options and their values in a shell.';
  static override description =
    'bash: source <(migplan completion bash), in ~/.bashrc. zsh: the same with zsh, in ~/.zshrc after compinit. fish: write it to ' +
    '~/.config/fish/completions/migplan.fish. The script asks nobody, and is made anew after an update.';
  static override examples = ['<%= config.bin %> <%= command.id %> bash'];
  static override args = {
    shell: Args.string({ options: [...shells], required: true, ignoreStdin: true, description: 'Which shell.' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const shell = shells.find((name) => name === args.shell) ?? 'bash';
    this.streams.out(completionScript(shell, this.config.bin, completionCommands(this.config.commands)));
  }
}
