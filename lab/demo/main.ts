import { Bench } from '../harness/bench.js';
import { simulatedCloud } from '../harness/parts/simulated-cloud.js';
import { vcenter } from '../harness/parts/vcenter.js';
import { actCutover, actNoChanges, actSeed, actSync, firstManifests } from './acts.js';
import { Stage } from './stage.js';
import { type DemoGuests, makeGuests } from './world.js';

// The main job on real bytes: simulated vCenter and OpenStack on loopback, everything between them real.
let guests: DemoGuests;

async function play(): Promise<void> {
  await using bench = await Bench.open({
    source: vcenter(async (folder) => {
      guests = await makeGuests(folder);
      return guests.world;
    }),
    target: simulatedCloud(),
  });
  const project = await bench.project('project', { limits: '{transfers: 2, batch: 32MiB}' });
  const stage = new Stage(bench, project, guests.env);
  stage.say(`an example project is in ${project.folder}`);
  await firstManifests(stage);
  await actSeed(stage);
  await actSync(stage);
  await actCutover(stage);
  await actNoChanges(stage);
  stage.title('Summary');
  stage.table();
}

try {
  await play();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
