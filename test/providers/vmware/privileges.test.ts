import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demandedPrivileges } from '../../../lab/vcenter-sim/dispatch.js';
import { needNoPrivilege, phasesOf, privileges } from '../../../src/providers/vmware/privileges.js';
import { role } from '../../../src/providers/vmware/role.js';
import { methods } from '../../../src/providers/vmware/wsdl/methods.js';

const page = readFileSync(new URL('../../../docs/vcenter-privileges.md', import.meta.url), 'utf8');

describe('vCenter privileges', () => {
  test('every operation that is called is named once, with its privilege or as needing none', () => {
    const named = [...privileges.flatMap(({ operations }) => operations), ...needNoPrivilege];
    expect(named.toSorted()).toEqual(Object.keys(methods).toSorted());
  });

  test('each operation is said to need what the simulated vCenter demands of it, and no other', () => {
    const said = new Map<string, string>(privileges.flatMap((row) => row.operations.map((one) => [one, row.privilege])));
    for (const method of Object.keys(methods))
      expect([method, said.get(method) ?? '']).toEqual([method, demandedPrivileges.get(method)]);
  });

  test('the page has the rows of the table, and no others', () => {
    const rows = privileges.map(({ privilege, on, use, operations, evidence }) => {
      const by = operations.length > 0 ? operations.join(', ') : 'VDDK';
      return `| \`${privilege}\` | ${on} | ${phasesOf[use].join(', ')} | ${by}${evidence === 'certain' ? '' : ` (${evidence})`} |`;
    });
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
  });

  test('the role of the page, for govc and PowerCLI, has the privileges of the table', () => {
    for (const commands of [role.govc, role.powercli]) expect(page).toContain(`\n${commands.join('\n')}\n`);
    expect(role.privileges).toHaveLength(privileges.length - 2);
  });
});
