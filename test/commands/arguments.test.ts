import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../src/commands/', import.meta.url);

// A script that reads what to do line by line, and calls migplan for each, must find the rest of its lines.
test.each(readdirSync(folder))('%s takes no argument from standard input', async (file) => {
  const { default: Command } = (await import(new URL(file, folder).pathname)) as {
    readonly default: { readonly args?: Readonly<Record<string, { readonly ignoreStdin?: boolean }>> };
  };
  for (const [name, argument] of Object.entries(Command.args ?? {})) expect(argument.ignoreStdin, name).toBe(true);
});
