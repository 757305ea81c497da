import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figures, noFigures } from './figures.js';
import { settle } from './judge.js';
import { Violation } from './oracle.js';
import { Player, type Stage } from './player.js';
import type { Story } from './story.js';

/** Memory is faster than a disk, and every step of a process is made durable. */
const SHARED_MEMORY = '/dev/shm';

/** A folder for worlds; what Windows guests need of the machine they are converted on is there as well. */
export async function makeScratch(): Promise<string> {
  const folder = await mkdtemp(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'campaign-'));
  writeFileSync(join(folder, 'rhsrvany.exe'), '');
  process.env['VIRT_TOOLS_DATA_DIR'] = folder;
  const drivers = join(folder, 'virtio-win.iso');
  writeFileSync(drivers, '');
  process.env['VIRTIO_WIN'] = drivers;
  return folder;
}

export const removeScratch = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Undefined: all rules held. */
export async function play(story: Story, stage: Stage, figures: Figures = noFigures()): Promise<Violation | undefined> {
  figures.worlds++;
  const player = new Player(story, figures, stage, story.state === 'shared' ? await stage.states.open() : undefined);
  try {
    for (const step of story.steps) {
      await player.step(step);
      player.oracle.expectNone();
    }
    await settle(player);
    return undefined;
  } catch (error) {
    return error instanceof Violation
      ? error
      : new Violation('the campaign itself failed', (error as Error).stack ?? String(error));
  } finally {
    player.close();
  }
}
