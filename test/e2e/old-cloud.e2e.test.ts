import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, runCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type OldCloud, oldCloud, RHEL } from '../../lab/harness/parts/old-cloud.js';
import { type SimulatedCloud, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import type { Planted } from '../../lab/harness/planted-server.js';
import { sameBytes } from '../../lab/harness/same-bytes.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';

const MAC = 'fa:16:3e:aa:bb:01';

let bench: Bench<OldCloud, SimulatedCloud>;
let project: LabProject;
let planted: Planted;

const cli = (...args: string[]): Promise<CliResult> => runCli(project, args);

const told = ({ code, stdout, stderr }: CliResult): string => `exit ${code}\n${stdout}\n${stderr}`;

async function ok(...args: string[]): Promise<string> {
  const result = await cli(...args);
  expect(result.code, told(result)).toBe(0);
  return result.stdout;
}

const manifest = (spec: string): Promise<void> => project.manifest('legacy-app', spec);

/** Every volume on the destination equals its source. */
async function expectCopies(): Promise<void> {
  for (const [index, { file }] of planted.volumes.entries()) {
    const copy = await bench.target.control.volumeNamed(`legacy-app-${index}`);
    expect(await sameBytes(file, copy.file, 2 ** 30), copy.name).toBe(true);
  }
}

beforeAll(async () => {
  bench = await Bench.open({ source: oldCloud(), target: simulatedCloud({ hypervisor: { machineTypes: ['pc', 'q35', RHEL] } }) });
  project = await bench.project('project', { limits: '{transfers: 2, batch: 64MiB}' });
  planted = await bench.source.plant({
    name: 'legacy-app',
    mac: MAC,
    fixedIp: '192.0.2.20',
    volumes: [
      {
        sizeGiB: 1,
        fromFile: scatteredDisk(join(bench.folder, 'root.raw'), 1),
        imageMetadata: { hw_machine_type: RHEL, hw_disk_bus: 'virtio', image_id: 'aa11', checksum: 'd41d', size: '123' },
      },
      { sizeGiB: 1, fromFile: scatteredDisk(join(bench.folder, 'data.raw'), 2), metadata: { team: 'erp' } },
    ],
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('from an older OpenStack cloud, with the real command line', () => {
  const source = async () => (await bench.source.control.servers())[0]!;

  test('export is the first thing one does: there are no manifests yet', async () => {
    await ok('export', '--provider', 'rhosp13', '--out', 'first');
    const text = await readFile(join(project.folder, 'first/legacy-app.yaml'), 'utf8');
    expect(text).toContain(`hwMachineType: ${RHEL}`);
    const { files } = JSON.parse(await ok('export', '--provider', 'rhosp13', '--json')) as { files: unknown };
    expect(files).toEqual([{ path: 'legacy-app.yaml', text }]);
    // An absolute folder is the one of that name, and not one below the project.
    await ok('export', '--provider', 'rhosp13', '--out', join(bench.folder, 'elsewhere'));
    expect(await readFile(join(bench.folder, 'elsewhere/legacy-app.yaml'), 'utf8')).toBe(text);
  });

  test('rehearsal copies a running server, and leaves it as it was', async () => {
    await manifest('source: {server: legacy-app, rehearsal: true}\nphase: cutover\ntarget: {server: {}}');
    // The old cloud is read, and the new one written.
    const doctor = await ok('doctor');
    expect(doctor.match(/\S+: (?:reader|writer)(?= )/g)).toEqual(['rhosp13: reader', 'rhoso-prod: writer']);
    // Both disks are read from a snapshot of the running server.
    expect((await ok('doctor', '--vm', 'legacy-app')).match(/disk \d+ +first and last sector of 1\.0 GiB read/g)).toHaveLength(2);
    expect(await bench.leftovers()).toEqual([]);
    const plan = await ok('plan', '--out', 'rehearsal.json');
    expect(plan).toContain('Copy is not of one instant');
    expect(plan).toMatch(/\+ team += "erp" \(metadata of the source volume\)/);
    await ok('apply', 'rehearsal.json');
    expect((await source()).status).toBe('ACTIVE');
    expect((await bench.target.control.volumeNamed('legacy-app-1')).metadata['team']).toBe('erp');
    await expectCopies();
    expect(await bench.target.control.servers()).toEqual([]);
    expect(await bench.leftovers()).toEqual([]);
  });

  test('the rehearsal’s copy is no base for a cutover: the plan says so', async () => {
    await manifest('source: {server: legacy-app}\nphase: cutover\ntarget: {server: {}}');
    const result = await cli('plan', '--fail-on', 'blocked');
    expect(result.code).toBe(1);
    expect(result.stdout + result.stderr).toContain('there is no delta');
  });

  test('HW2 HW3 HW5 AC6 cutover: stopped, copied, final; the server boots with the machine type of the old cloud', async () => {
    await manifest('source: {server: legacy-app}\nphase: cutover\nreseed: once\ntarget: {server: {}}');
    await ok('plan', '--out', 'cutover.json');
    await ok('apply', 'cutover.json', '--allow-cutover');
    expect((await source()).status).toBe('SHUTOFF');
    const root = await bench.target.control.volumeNamed('legacy-app-0');
    expect(root.imageMetadata).toEqual({ hw_machine_type: RHEL, hw_disk_bus: 'virtio' });
    expect(root.metadata['converted']).toBe('true');
    await expectCopies();
    const [server] = await bench.target.control.servers();
    expect(server).toMatchObject({ name: 'legacy-app', status: 'ACTIVE' });
    expect(server?.volumeIds[0]).toBe(root.id);
    expect(server?.domain.machineType).toBe(RHEL);
    expect(server?.domain.interfaces.map(({ macAddress }) => macAddress)).toEqual([MAC]);
    expect(await bench.leftovers()).toEqual([]);
  });

  test('HW1 HW2 export writes the machine type into a manifest that is valid as it stands', async () => {
    await ok('export', '--provider', 'rhosp13', '--name-glob', 'legacy-*', '--out', 'exported');
    const text = await readFile(join(project.folder, 'exported/legacy-app.yaml'), 'utf8');
    expect(text).toContain(`hwMachineType: ${RHEL}`);
    expect(text).toContain('flavor: m1.small');
    await rm(join(project.folder, 'manifests/legacy-app.yaml'));
    await project.write('manifests/exported.yaml', text);
    await ok('validate');
    const again = await cli('export', '--provider', 'rhosp13', '--out', 'exported');
    expect(told(again)).toContain('not overwritten');
    await ok('export', '--provider', 'rhosp13', '--format', 'os-migrate', '--out', '.');
    expect(await ok('import', 'workloads.yml', '--provider', 'rhosp13')).toContain(`hwMachineType: ${RHEL}`);
    await rm(join(project.folder, 'manifests/exported.yaml'));
  });

  test('AC5 again: Volume already converted, and nothing is called for', async () => {
    await manifest('source: {server: legacy-app}\nphase: cutover\ntarget: {server: {}}');
    expect(await ok('plan', '--detailed-exitcode')).toContain('Volume already converted');
  });

  test('HW2 HW6 a type that nothing records: preserve, unless --deep has Nova tell it', async () => {
    await bench.source.plant({ name: 'plain', volumes: [{ sizeGiB: 1 }] });
    expect(await ok('export', '--provider', 'rhosp13', '--server', 'plain')).toContain('hwMachineType: preserve');
    const deep = await cli('export', '--provider', 'rhosp13', '--server', 'plain', '--deep');
    expect(deep).toMatchObject({ code: 0, stderr: 'plain: reading its machine type from an image of it\n' });
    expect(deep.stdout).toMatch(/# recorded by Nova when the server was first booted.*\n *hwMachineType: pc\n/);
    expect(await bench.leftovers()).toEqual([]);
  });
});
