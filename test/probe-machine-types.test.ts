import { afterEach, describe, expect, test } from 'vitest';
import { PROBES_MAX, type ProbeRun, probeMachineTypes, typesToProbe } from '../src/engine/probe-machine-types.js';
import { nothingKnown } from '../src/model/machine-types/knowledge.js';
import { machineTypeReleases } from '../src/model/machine-types/releases.js';
import { SimCloud } from './providers/openstack/sim-cloud.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(...config: Parameters<typeof SimCloud.start>) {
  const cloud = await SimCloud.start(...config);
  closing.push(() => cloud[Symbol.asyncDispose]());
  const target = await cloud.open();
  const remembered: [string, boolean][] = [];
  const probe = (types: readonly string[], over: Partial<ProbeRun> = {}) =>
    probeMachineTypes({
      target,
      types,
      signal: new AbortController().signal,
      onProbe: () => {},
      onAnswer: async (type, runs) => void remembered.push([type, runs]),
      ...over,
    });
  const left = () => [...cloud.sim.control.servers(), ...cloud.sim.control.volumes()];
  return { cloud, probe, remembered, left };
}

describe('HW7 probing a cloud for machine types', () => {
  test('what runs and what does not is told and remembered', async () => {
    const { probe, remembered, left } = await start();
    const report = await probe(['pc', 'pc-i440fx-rhel7.6.0', 'q35']);
    expect(report.results.map(({ type, runs }) => [type, runs])).toEqual([
      ['pc', true],
      ['pc-i440fx-rhel7.6.0', false],
      ['q35', true],
    ]);
    expect(report.diagnostics).toEqual([]);
    expect(Object.fromEntries(remembered)).toEqual({ pc: true, q35: true, 'pc-i440fx-rhel7.6.0': false });
    expect(left()).toEqual([]);
  });

  test('where not even a plain server starts, nothing is blamed on machine types', async () => {
    const { probe, remembered, left } = await start({ hypervisor: { noValidHost: true } });
    const report = await probe(['pc', 'q35']);
    expect(report.results).toEqual([]);
    expect(report.diagnostics).toMatchObject([{ severity: 'error', code: 'MP4010' }]);
    expect(remembered).toEqual([]);
    expect(left()).toEqual([]);
  });

  test('a cloud that fills up in the middle is no proof against the types tried then', async () => {
    const { cloud, probe, remembered } = await start();
    const report = await probe(['pc', 'q35'], {
      onProbe: (type) => {
        if (type === 'q35') cloud.sim.control.setHypervisor({ noValidHost: true });
      },
    });
    expect(report.results.map(({ type, runs }) => [type, runs])).toEqual([
      ['pc', true],
      ['q35', undefined],
    ]);
    expect(report.diagnostics.map(({ code }) => code)).toEqual(['MP4010']);
    expect(remembered).toEqual([['pc', true]]);
  });

  test('a refusal that every type would meet ends it', async () => {
    const { cloud, probe } = await start();
    const report = await probe(['pc', 'q35', 'pc-q35-6.2'], {
      onProbe: (type) => {
        if (type === 'pc') cloud.sim.control.setQuota('demo', { cores: 0 });
      },
    });
    expect(report.results.map(({ type, runs }) => [type, runs])).toEqual([['pc', undefined]]);
    expect(report.diagnostics).toMatchObject([{ severity: 'warning', code: 'MP4010' }]);
  });

  test('an interruption keeps what was proven, and leaves nothing', async () => {
    const { probe, remembered, left } = await start();
    const controller = new AbortController();
    const interrupted = probe(['pc', 'q35', 'pc-q35-6.2'], {
      signal: controller.signal,
      onProbe: (type) => {
        if (type === 'q35') controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' });
    expect(remembered).toEqual([['pc', true]]);
    expect(left()).toEqual([]);
  });

  test('what a killed run left is taken away first', async () => {
    const { cloud, probe, left } = await start();
    cloud.sim.control.createVolume({ project: 'demo', name: 'left', sizeGiB: 1, metadata: { 'migplan.probe': 'old' } });
    await probe([]);
    expect(left()).toEqual([]);
  });
});

describe('what is tried when no type is named', () => {
  test('nothing is known: the two families and what manifests ask for', () => {
    expect(typesToProbe(nothingKnown, ['preserve', 'default', 'pc-q35-6.2', 'pc'])).toEqual(['pc', 'q35', 'pc-q35-6.2']);
  });
  test('a short list: all of it', () => {
    const types = typesToProbe({ ...nothingKnown, declared: machineTypeReleases['rhoso-18'] }, []);
    expect(types.toSorted()).toEqual([...machineTypeReleases['rhoso-18']].sort());
  });
  test('a long list would take hours: the families', () => {
    expect(machineTypeReleases['ubuntu-24.04'].length).toBeGreaterThan(PROBES_MAX);
    expect(typesToProbe({ ...nothingKnown, declared: machineTypeReleases['ubuntu-24.04'] }, [])).toEqual(['pc', 'q35']);
  });
});
