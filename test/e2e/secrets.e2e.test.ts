import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, runCli } from '../../lab/harness/cli.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { makeRecordingFolder } from '../../lab/harness/program-folder.js';
import { filesWith, watchForSecrets } from '../../lab/harness/secret-watch.js';
import { expectCopied, guestWrites, manifestOf, said } from './steps.js';

/**
 * Looks for both passwords wherever other users and later readers may find them, all the time while plan and apply run: the
 * arguments of every process, the environment of every program that migplan starts, what is printed, what is written.
 */
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'secret', disksMiB: [8] }]), target: simulatedCloud() });
});
afterAll(() => bench[Symbol.asyncDispose]());

test('no password is in arguments, environments of children, output or files', async () => {
  const [vcenterPassword, cloudPassword] = [bench.source.password, bench.target.password];
  const secrets = [
    vcenterPassword,
    cloudPassword,
    encodeURIComponent(vcenterPassword),
    btoa(vcenterPassword),
    btoa(cloudPassword),
  ];
  const project = await bench.project('secret');
  await project.manifest('secret', manifestOf('secret', 'phase: sync'));
  await bench.source.control.setVddk({ readDelayMs: 10 });
  const recorder = await makeRecordingFolder(`${project.folder}-recorded`, ['nbdinfo', 'nbdcopy', 'qemu-storage-daemon']);
  const outputs: CliResult[] = [];
  const run = async (...args: string[]): Promise<void> => {
    outputs.push(await runCli(project, args, { env: { OS_PASSWORD: cloudPassword, DEBUG: '*', PATH: recorder.path } }));
    expect(outputs.at(-1)!.code, said(outputs.at(-1)!).slice(-2000)).toBe(0);
  };

  const watch = watchForSecrets(project, secrets);
  await run('plan', '--out', 'plan.json');
  await run('apply', 'plan.json');
  await guestWrites(bench, 'secret', 8);
  await run('plan', '--json', '--out', 'again.json');
  await run('apply', '--json', 'again.json');
  const { seen, commands } = await watch.end();
  await expectCopied(bench, 'secret', 2000);
  // A reader that fails tells what it was asked.
  await bench.source.control.setVddk({ openError: 'You do not have access rights to this file' });
  outputs.push(
    await runCli(project, ['apply', '--auto-approve']),
    await runCli(project, ['status']),
    await runCli(project, ['doctor']),
  );
  expect(said(outputs.at(-3)!)).toContain('You do not have access rights to this file');

  const started = await recorder.notes();
  for (const program of ['nbdinfo', 'nbdcopy', 'qemu-storage-daemon']) expect(started).toContain(`/${program}\0`);
  for (const secret of secrets) expect(started).not.toContain(secret);
  expect([...commands].join('\n')).toContain('nbdkit');
  expect(seen).toEqual([]);
  for (const output of outputs) for (const secret of secrets) expect(said(output)).not.toContain(secret);
  expect(await filesWith(project.folder, secrets)).toEqual(['secure.yaml']);
  expect(await bench.leftovers()).toEqual([]);
});
