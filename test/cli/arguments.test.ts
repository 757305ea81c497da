import { expect, test } from 'vitest';
import { typed } from '../../bin/arguments.js';

test.each([
  ['plan -out=tfplan -detailed-exitcode', 'plan --out=tfplan --detailed-exitcode'],
  ['plan -out tfplan -json -no-color', 'plan --out tfplan --json --no-color'],
  ['plan -target=vm/a -target vm/b', 'plan --target=vm/a --target vm/b'],
  ['apply -auto-approve -input=false', 'apply --auto-approve --no-input'],
  ['apply -auto-approve=true -json=false', 'apply --auto-approve'],
  ['-chdir=prod plan', 'plan --chdir=prod'],
  ['--chdir prod --json plan --out p', 'plan --out p --chdir prod --json'],
  ['-chdir prod apply plan.json', 'apply plan.json --chdir prod'],
  ['--chdir', '--chdir'],
  ['-version', '--version'],
  ['plan -help', 'plan --help'],
  ['plan -h', 'plan -h'],
  ['plan -o p', 'plan -o p'],
  ['plan --out -', 'plan --out -'],
  ['plan -outfile=x', 'plan -outfile=x'],
  ['plan -lock=false', 'plan --lock=false'],
  ['plan -lock-timeout=3s', 'plan --lock-timeout=3s'],
  ['apply -lock-timeout 3s p', 'apply --lock-timeout 3s p'],
  ['plan -lwave=10', 'plan -lwave=10'],
  ['validate -- -out=x', 'validate -- -out=x'],
  ['', ''],
])('migplan %s', (given, parsed) => {
  const words = (text: string): string[] => text.split(' ').filter(Boolean);
  expect(typed(words(given))).toEqual(words(parsed));
});
