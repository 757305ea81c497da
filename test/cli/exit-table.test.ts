import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ExitName, exitCodes, exitCommands } from '../../src/diag/exit-codes.js';
import { commandNames } from './command-classes.js';
import { isInExitTable } from './exit-table.js';

const named = Object.values(exitCommands).flatMap((commands) => (commands === 'every' ? [] : commands));

describe('the table of exit codes', () => {
  test('names commands that there are', () => {
    expect(named.filter((name) => !commandNames.includes(name))).toEqual([]);
  });

  test.each(commandNames)('has a row for every code that the file of "%s" names', (name) => {
    const text = readFileSync(new URL(`../../src/commands/${name.replaceAll(' ', '/')}.ts`, import.meta.url), 'utf8');
    const direct = [...text.matchAll(/exitCodes\.(\w+)/g)].map(([, code]) => code as ExitName);
    const signals: ExitName[] = text.includes('exitCodeOf(') ? ['hungUp', 'interrupted', 'terminated'] : [];
    const given = [...direct, ...signals].map((code) => exitCodes[code]);
    expect(given.filter((code) => !isInExitTable(name.split(' '), code))).toEqual([]);
  });

  test('has none for a code that there is not, and only rows of all for what is no command', () => {
    expect(isInExitTable(['apply'], 7)).toBe(false);
    expect(isInExitTable(['aply'], exitCodes.error)).toBe(true);
    expect(isInExitTable(['aply'], exitCodes.lockHeld)).toBe(false);
    expect(isInExitTable(['fmt', '--check'], exitCodes.planRefused)).toBe(false);
  });
});
