import { describe, expect, test } from 'vitest';
import { askedOf, lookAtPrivileges, privilegesOfAll } from '../../src/apply/look-at-privileges.js';
import { look } from '../../src/apply/looks.js';
import type { PrivilegeCheck, PrivilegeQuestion } from '../../src/contracts/privileges.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { vmRef } from '../../src/model/ids.js';
import type { Station } from '../../src/plan/checks/check-table.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

const CREATE = 'VirtualMachine.State.CreateSnapshot';
const OFF = 'VirtualMachine.Interact.PowerOff';
const certain = { evidence: 'certain', verdict: 'refused' } as const;
const lacksCreate = { privilege: CREATE, use: 'copy', ...certain } as const;
const lacksOff = { privilege: OFF, use: 'power-off', ...certain } as const;

type Lacking = Omit<PrivilegeCheck, 'object' | 'vm'>;

/** A source that answers so for each VM it is asked about, and the questions that were put to it. */
function answering(...checks: readonly Lacking[]) {
  const questions: PrivilegeQuestion[] = [];
  const checkPrivileges = async (question: PrivilegeQuestion): Promise<PrivilegeCheck[]> => {
    questions.push(question);
    return question.vms.flatMap((vm) => checks.map((check) => ({ ...check, vm, object: `VirtualMachine ${vm}` })));
  };
  return { questions, checkPrivileges };
}

async function shopWith(source: Pick<ReturnType<typeof answering>, 'checkPrivileges'>, over: Partial<DesiredMigration>) {
  const shop = await Workshop.open();
  shop.add('a', over);
  shop.sourceOver = source;
  return shop;
}

describe('privileges that the next steps need', () => {
  test.each(['plan', 'begin', 'no-return', 'doctor'] as const)('%s: a warning in the plan, an error later', async (station) => {
    const { checkPrivileges } = answering(lacksCreate, lacksOff);
    const shop = await shopWith({ checkPrivileges }, s.seed);
    const { vm, cloud } = shop.worlds.get('a')!;
    const { actions } = (await shop.plan()).migrations[0]!;
    const subject = { desired: s.desired(), vm: s.vm().ref, actions, target: cloud.provider };
    const found = await look(shop.looks, {
      ...subject,
      source: { ...vm.provider, checkPrivileges },
      station: station as Station,
    });
    expect(found).toMatchObject([{ code: 'MP5008', severity: station === 'plan' ? 'warning' : 'error' }]);
    expect(found[0]!.detail).toContain(CREATE);
    // A seed powers nothing off.
    expect(found[0]!.detail).not.toContain(OFF);
  });

  test('refused at the begin of a VM: nothing is begun', async () => {
    const shop = await shopWith(answering(lacksCreate), s.seed);
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP5008']);
    expect(shop.begun).toEqual([]);
  });

  test('taken away while the live sync of a cutover ran: the VM is left running', async () => {
    let lacking: Lacking[] = [];
    const checkPrivileges = async (question: PrivilegeQuestion) => answering(...lacking).checkPrivileges(question);
    const shop = await shopWith({ checkPrivileges }, s.cutover);
    const { dataPlane, vm } = shop.worlds.get('a')!;
    shop.dataPlaneOver = {
      copy: async (job) => {
        await dataPlane.copy(job);
        lacking = [lacksOff];
      },
    };
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP5008']);
    expect(vm.power).toBe('on');
  });

  test.each([
    ['not known', { ...lacksCreate, verdict: 'unknown' }],
    ['asked for by guides only', { ...lacksCreate, evidence: 'uncertain' }],
    ['asked for by the guide to the reader', { ...lacksCreate, evidence: 'documented' }],
  ] as const)('%s: nothing is said, and the VM is seeded', async (_, check) => {
    const shop = await shopWith(answering(check), s.seed);
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  });

  test('a source without privileges of its own', async () => {
    const shop = await Workshop.open();
    shop.add('a', s.seed);
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  });

  test('a plan of 40 VMs asks each source once, and not about VMs to which nothing is done', async () => {
    const { questions, checkPrivileges } = answering(lacksCreate);
    const shop = await shopWith({ checkPrivileges }, s.seed);
    const { provider } = shop.worlds.get('a')!.vm;
    const { actions } = (await shop.plan()).migrations[0]!;
    const providers = { source: () => ({ ...provider, checkPrivileges }), target: () => shop.worlds.get('a')!.cloud.provider };
    const [observed] = [await shop.tools().checking.observeAgain([...shop.desired.values()][0]!)];
    const acts = Array.from({ length: 40 }, (_, index) => ({
      desired: { ...s.desired(), source: { ...s.desired().source, provider: index % 2 === 0 ? 'vc1' : 'vc2' } },
      observed: { ...observed, source: { kind: 'found' as const, vm: { ...s.vm(), ref: vmRef(`vm-${index}`) } } },
      actions: index < 4 ? [] : actions,
    }));
    const answers = await privilegesOfAll(acts.flatMap((act) => askedOf(providers, act)));
    expect(questions.map(({ vms }) => vms.length)).toEqual([18, 18]);
    const use = { vm: vmRef('vm-7'), uses: new Set(['copy'] as const), known: answers.get('vc2')! };
    const source = providers.source();
    const found = await lookAtPrivileges({ work: { moves: true, converts: false }, source, use, station: 'plan' });
    expect([found.length, questions.length]).toEqual([1, 2]);
  });
});
