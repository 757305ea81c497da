import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needNoPrivilege, privileges } from '../../../src/providers/vmware/privileges.js';
import { methods } from '../../../src/providers/vmware/wsdl/methods.js';

const page = readFileSync(new URL('../../../docs/vcenter-privileges.md', import.meta.url), 'utf8');

describe('vCenter privileges', () => {
  test('every operation that is called is named once, with its privilege or as needing none', () => {
    const named = [...privileges.flatMap(({ operations }) => operations), ...needNoPrivilege];
    expect(named.toSorted()).toEqual(Object.keys(methods).toSorted());
  });

  test('the page has the rows of the table, and no others', () => {
    const rows = privileges.map(({ privilege, on, phases, operations, evidence }) => {
      const by = operations.length > 0 ? operations.join(', ') : 'VDDK';
      return `| \`${privilege}\` | ${on} | ${phases.join(', ')} | ${by}${evidence === 'uncertain' ? ' (uncertain)' : ''} |`;
    });
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
  });

  test('the role of the page, for govc and PowerCLI, has the privileges of the table', () => {
    const role = privileges.map(({ privilege }) => privilege).filter((name) => !name.startsWith('System.'));
    expect(page).toContain(`\ngovc role.create migplan ${role.join(' ')}\n`);
    const quoted = role.map((name) => `'${name}'`).join(', ');
    expect(page).toContain(`\nNew-VIRole -Name migplan -Privilege (Get-VIPrivilege -Id ${quoted})\n`);
  });
});
