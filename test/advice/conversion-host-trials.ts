import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { held, NovaFixture } from '../providers/openstack/nova-fixture.js';
import { refused, stepOf, type Trial } from './tried.js';

const otherMachine = '11111111-2222-4333-8444-555555555555';

interface PlaceTrial {
  readonly advice: string;
  /** What this machine says that it is; absent: nothing. */
  readonly machine?: string;
}

const rows: readonly PlaceTrial[] = [
  {
    advice:
      'Run migplan on server <…> (<…>), or name in access of the Project the server it runs on, or how to reach it: access.ssh.',
    machine: otherMachine,
  },
  {
    advice:
      'migplan has to run on server <…> (<…>) itself, or to be told in access.ssh how to reach it, and udev has to make links there.',
  },
];

/** Nothing that is attached shows on another machine; on the server itself it does. By ssh: test/providers/openstack/ssh-host. */
export const conversionHostTrials: readonly Trial[] = rows.map(({ advice, machine }) => ({
  advice,
  run: async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostShowsDevices: false } });
    const sysDir = join(fixture.folder, 'sys');
    await mkdir(join(sysDir, 'class/dmi/id'), { recursive: true });
    const says = (id: string) => writeFile(join(sysDir, 'class/dmi/id/product_uuid'), `${id}\n`);
    if (machine !== undefined) await says(machine);
    stepOf(await refused(async () => held(await fixture.open({ sysDir }), fixture.plant())), advice);
    await says(fixture.host.id);
    fixture.cloud.sim.control.setHypervisor({ hostShowsDevices: true });
    expect((await held(await fixture.open({ sysDir: '/sys' }), fixture.plant())).block.driver).toBe('file');
  },
}));
