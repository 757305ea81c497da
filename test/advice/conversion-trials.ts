import { expect } from 'vitest';
import { judgeConversion, type ServerToBe } from '../../src/apply/judge-conversion.js';
import type { ConversionReport } from '../../src/contracts/converter.js';
import { diskKey } from '../../src/model/ids.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from '../plan/plan-fixture.js';
import { stepOf, type Trial } from './tried.js';

const boot = diskKey(2000);
const guest: ConversionReport['guest'] = {
  disks: [{ key: boot, bios: false, efi: true, encrypted: [], windows: [] }],
  systems: [{ root: '/dev/sda2', family: 'linux', name: 'Debian', disks: [boot] }],
};
/** What virt-v2v says of a guest that boots by UEFI only. */
const report: ConversionReport = { disk: 'virtio', network: 'virtio', firmware: 'uefi', warnings: [], guest };

/** Planned once more, with the source as it is now, and judged when it was converted. */
function converted(firmware: 'bios' | 'efi') {
  const source = { kind: 'found', vm: s.vm({ firmware, power: 'off' }) } as const;
  const volumes = s.inState({ kind: 'clean', at: s.at(5) });
  const { actions } = planMigration(s.desired({ ...s.cutover, ...s.withServer }), s.observed({ ...volumes, source }), {
    now: s.NOW,
  });
  const conversion = actions.find((action) => action.kind === 'convert');
  expect(conversion, actions.map(({ kind }) => kind).join()).toBeDefined();
  const server: ServerToBe = {
    firmware: conversion!.firmware,
    guestFamily: 'linux',
    hardware: conversion!.hardware,
    boot,
    isNamed: false,
    root: '/dev/sda2',
    slotName: () => 'scsi0:0',
  };
  return judgeConversion(report, server).refusals;
}

const setFirmware =
  'set the firmware of the source VM to EFI in vCenter (Edit Settings, VM Options, Boot Options), then run migplan plan again';

export const conversionTrials: readonly Trial[] = [
  {
    advice: setFirmware,
    run: () => {
      stepOf(
        converted('bios').flatMap(({ nextSteps }) => nextSteps),
        setFirmware,
      );
      expect(converted('efi')).toEqual([]);
    },
  },
];
