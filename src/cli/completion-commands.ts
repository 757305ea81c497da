import type { Command } from '@oclif/core';
import type { CompletionCommand } from '../views/completion/scripts.js';

/** What of the framework's commands can be completed, in the order of their names. */
export const completionCommands = (commands: readonly Command.Loadable[]): CompletionCommand[] =>
  commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ id, summary, description, flags }) => ({
      name: id.replaceAll(':', ' '),
      summary: firstSentence(summary ?? description ?? ''),
      options: Object.values(flags).flatMap(optionsOf),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function optionsOf(flag: Command.Flag.Cached): CompletionCommand['options'] {
  if (flag.hidden === true) return [];
  const option = {
    name: flag.name,
    summary: firstSentence(flag.summary ?? flag.description ?? ''),
    ...(flag.char !== undefined && { letter: flag.char }),
    ...(flag.type === 'option' && { values: flag.options ?? [] }),
  };
  return flag.type === 'boolean' && flag.allowNo ? [option, { name: `no-${flag.name}`, summary: option.summary }] : [option];
}

const firstSentence = (text: string): string => text.split('\n')[0]!.replace(/\. .*$|\.$/, '');
