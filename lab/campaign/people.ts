import type { Bench } from '../harness/bench.js';

const MiB = 2 ** 20;
const BLOCK = 65_536;

export type Draw = (below: number) => number;

/** What people and guests do to one VM between runs; says what was done. */
export async function somethingHappens({ source: { control }, target }: Bench, vm: string, draw: Draw): Promise<string> {
  const snapshots = (await control.vm({ vm })).snapshots;
  const acts: readonly (() => Promise<string>)[] = [
    async () => {
      await control.setPower({ vm, power: 'poweredOff' });
      return 'is shut down';
    },
    async () => {
      await control.setPower({ vm, power: 'poweredOn' });
      return 'is powered on';
    },
    async () => {
      await control.createForeignSnapshot({ vm, name: `by hand ${draw(1000)}` } as never);
      return 'gets a snapshot';
    },
    async () => {
      await control.createForeignSnapshot({ vm, name: `by hand ${draw(1000)}` } as never);
      return 'gets a snapshot';
    },
    async () =>
      onSnapshot(snapshots, draw, async (snapshot) => {
        await control.revertToSnapshot({ snapshot });
        await control.setPower({ vm, power: 'poweredOn' });
        return `goes back to ${snapshot} and is powered on`;
      }),
    async () =>
      onSnapshot(snapshots, draw, async (snapshot) => {
        await control.removeForeignSnapshot({ snapshot });
        return `loses ${snapshot}`;
      }),
    async () => {
      await control.resetCbt({ vm });
      return 'is tracked anew';
    },
    async () => {
      await control.setVm({ vm, isToolsRunning: draw(2) === 0 });
      return 'starts or ends its tools';
    },
    async () => {
      const volume = (await target.control.volumes()).find(({ name }) => name.startsWith(`${vm}-`));
      if (volume === undefined || volume.attachmentIds.length > 0) return 'has no volume that could be deleted';
      await target.control.deleteVolume(volume.id);
      return `loses volume ${volume.name}`;
    },
  ];
  // Guests write most of the time.
  const act = acts[draw(acts.length * 3)] ?? (() => guestWrites());
  return act();

  async function guestWrites(): Promise<string> {
    if ((await control.vm({ vm })).power !== 'poweredOn') return 'is off and writes nothing';
    const offset = draw((4 * MiB) / BLOCK) * BLOCK;
    const fill = draw(3) === 0 ? ({ zero: true } as const) : { seed: 1 + draw(9999) };
    await control.guestWrite({ vm, offset, length: BLOCK, fill });
    return `writes at ${offset}`;
  }
}

async function onSnapshot(snapshots: readonly string[], draw: Draw, act: (snapshot: string) => Promise<string>): Promise<string> {
  const snapshot = snapshots[draw(Math.max(1, snapshots.length))];
  return snapshot === undefined ? 'has no snapshot' : act(snapshot);
}
