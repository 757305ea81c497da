import { expect, test } from 'vitest';
import { commandClass, commandNames } from '../cli/command-classes.js';

// A script that reads what to do line by line, and calls migplan for each, must find the rest of its lines.
test.each(commandNames)('%s takes no argument from standard input', async (command) => {
  const { args = {} } = await commandClass(command);
  for (const [name, argument] of Object.entries(args as Readonly<Record<string, { readonly ignoreStdin?: boolean }>>))
    expect(argument.ignoreStdin, name).toBe(true);
});
