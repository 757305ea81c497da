import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from '../harness/lab.js';
import { LabProject } from '../harness/project-files.js';
import { actCutover, actNoChanges, actSeed, actSync, firstManifests } from './acts.js';
import { removeFolder, Stage } from './stage.js';
import { makeGuests } from './world.js';

// The main job on real bytes: simulated vCenter and OpenStack on loopback, everything between them real.
const folder = await mkdtemp(join(tmpdir(), 'migplan-demo-'));
try {
  const { world, env } = await makeGuests(folder);
  await using lab = await startLab({ folder, world });
  const project = await LabProject.create(join(folder, 'project'), lab, { limits: '{transfers: 2, batch: 32MiB}' });
  const stage = new Stage(lab, project, env);
  stage.say(`an example project is in ${project.folder}`);
  await firstManifests(stage);
  await actSeed(stage);
  await actSync(stage);
  await actCutover(stage);
  await actNoChanges(stage);
  stage.title('Summary');
  stage.table();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  if (process.env['MIGPLAN_KEEP'] === undefined) await removeFolder(folder);
  else process.stderr.write(`kept: ${folder}\n`);
}
