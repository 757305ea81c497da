import { describe, expect, test } from 'vitest';
import { isOffered, nothingKnown } from '../../src/model/machine-types/knowledge.js';
import { machineFamily } from '../../src/model/machine-types/machine-type.js';
import { isPublishedType, machineTypeReleases, releaseNames } from '../../src/model/machine-types/releases.js';

describe('HW7 machine types by release', () => {
  test.each(releaseNames)('%s: both chipsets, every name once and of a known pattern', (name) => {
    const types: readonly string[] = machineTypeReleases[name];
    expect(types).toEqual(expect.arrayContaining(['pc', 'q35']));
    expect(new Set(types).size).toBe(types.length);
    expect(types.filter((type) => !['pc', 'q35'].includes(machineFamily(type)))).toEqual([]);
  });

  // From the sources named beside the tables.
  test.each([
    ['rhoso-18', ['pc-i440fx-rhel7.6.0', 'pc-q35-rhel9.4.0', 'pc-q35-rhel7.6.0'], ['pc-q35-rhel9.6.0', 'pc-i440fx-rhel7.5.0']],
    ['rhosp-17.1', ['pc-i440fx-rhel7.6.0', 'pc-q35-rhel9.2.0'], ['pc-q35-rhel9.4.0', 'pc-q35-rhel7.5.0']],
    ['rhosp-17.1-multi-rhel', ['pc-q35-rhel8.4.0', 'pc-q35-rhel7.6.0'], ['pc-q35-rhel9.0.0', 'pc-q35-rhel8.5.0']],
    ['rhosp-16.2', ['pc-i440fx-rhel7.0.0', 'pc-q35-rhel7.3.0'], ['pc-q35-rhel8.5.0', 'pc-i440fx-7.2']],
    ['ubuntu-20.04', ['pc-i440fx-focal', 'pc-q35-focal-hpb', 'pc-1.0', 'pc-i440fx-1.4'], ['pc-q35-jammy', 'pc-q35-5.0']],
    [
      'ubuntu-22.04',
      ['pc-i440fx-jammy', 'pc-i440fx-wily', 'pc-q35-4.0.1'],
      ['pc-q35-wily', 'pc-q35-noble', 'pc-q35-7.0', 'pc-1.0'],
    ],
    [
      'ubuntu-24.04',
      ['pc-q35-noble-v2', 'pc-i440fx-noble', 'pc-q35-mantic-hpb-maxcpus', 'pc-q35-2.4'],
      ['pc-i440fx-1.7', 'pc-q35-2.3'],
    ],
    [
      'debian-12',
      ['pc-i440fx-7.2', 'pc-i440fx-6.2', 'pc-q35-6.2', 'pc-q35-4.0.1'],
      ['pc-i440fx-4.0.1', 'pc-q35-8.0', 'pc-q35-2.3'],
    ],
  ] as const)('%s', (name, has, hasNot) => {
    const types: readonly string[] = machineTypeReleases[name];
    expect(types).toEqual(expect.arrayContaining([...has]));
    expect(hasNot.filter((type) => types.includes(type))).toEqual([]);
  });

  test('what is spelt so nowhere is told apart from a foreign name', () => {
    expect(isPublishedType('pc-i440fx-rhel7.6.0')).toBe(true);
    expect(isPublishedType('pc-i440fx-rhel7.6')).toBe(false);
    expect(isPublishedType('pc-i440fx-99.9')).toBe(false);
  });
});

test.each([
  ['pc', 'pc'],
  ['pc-i440fx-rhel7.6.0', 'pc'],
  ['pc-1.3', 'pc'],
  ['ubuntu', 'pc'],
  ['q35', 'q35'],
  ['pc-q35-noble-hpb', 'q35'],
  ['ubuntu-q35', 'q35'],
  ['microvm', 'none'],
  ['isapc', 'none'],
  ['virt', 'none'],
  ['virt-7.2', 'none'],
  ['virtual-box', 'unknown'],
  ['pc-q36', 'unknown'],
  ['s390-ccw-virtio', 'unknown'],
])('the chipset of %s is %s', (type, family) => {
  expect(machineFamily(type)).toBe(family);
});

describe('whether a cloud has a type', () => {
  const declared = ['pc-q35-rhel9.4.0'];
  const at = '2026-06-01T00:00:00Z';
  test.each([
    { name: 'nothing is known', cloud: nothingKnown, type: 'pc', expected: undefined },
    { name: 'listed', cloud: { ...nothingKnown, declared }, type: 'pc-q35-rhel9.4.0', expected: true },
    { name: 'not listed', cloud: { ...nothingKnown, declared }, type: 'pc-q35-rhel9.2.0', expected: false },
    {
      name: 'the name of a family of which a version is listed',
      cloud: { ...nothingKnown, declared },
      type: 'q35',
      expected: true,
    },
    { name: 'the name of a family of which none is listed', cloud: { ...nothingKnown, declared }, type: 'pc', expected: false },
    {
      name: 'a probe goes before the list',
      cloud: { map: {}, declared, probed: { q35: { runs: false, at } } },
      type: 'q35',
      expected: false,
    },
    {
      name: 'a probe adds to the list',
      cloud: { map: {}, declared, probed: { pc: { runs: true, at } } },
      type: 'pc',
      expected: true,
    },
    { name: 'a probe without a list', cloud: { map: {}, probed: { pc: { runs: false, at } } }, type: 'pc', expected: false },
    {
      name: 'no list, and probes of others',
      cloud: { map: {}, probed: { pc: { runs: false, at } } },
      type: 'q35',
      expected: undefined,
    },
  ])('$name', ({ cloud, type, expected }) => {
    expect(isOffered(cloud, type)).toBe(expected);
  });
});
