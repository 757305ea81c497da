import { describe, expect, test } from 'vitest';
import { judgeConversion, type ServerToBe } from '../../src/apply/judge-conversion.js';
import type { ConversionReport } from '../../src/providers/converter.js';

const good: ConversionReport = { disk: 'virtio', network: 'virtio', firmware: 'any', warnings: [] };
const server: ServerToBe = { firmware: 'bios', guestFamily: 'windows', hardware: { disk: 'virtio', network: 'virtio' } };
const emulated = { disk: 'emulated', network: 'emulated' } as const;

const codes = (report: Partial<ConversionReport>, over: Partial<ServerToBe> = {}) =>
  judgeConversion({ ...good, ...report }, { ...server, ...over }).refusals.map(({ code }) => code);

/** A field that is added to the report has to be added here, with a value that must change what happens. */
const telling: { readonly [K in keyof Required<ConversionReport>]: readonly ConversionReport[K][] } = {
  disk: ['emulated', 'unknown'],
  network: ['emulated'],
  firmware: ['uefi'],
  warnings: [['this guest has Anti-Virus software']],
};

describe('every field of the report decides something', () => {
  test('a good report: nothing to say', () => {
    expect(judgeConversion(good, server)).toEqual({ refusals: [], notes: [] });
  });

  test.each(
    Object.entries(telling).flatMap(([field, values]) => values.map((value) => [field, JSON.stringify(value), value] as const)),
  )('%s: %s is heard', (field, _text, value) => {
    expect(judgeConversion({ ...good, [field]: value } as ConversionReport, server)).not.toEqual({ refusals: [], notes: [] });
  });
});

describe('no virtio drivers were installed', () => {
  test('and the server would have virtio disks: refused', () => {
    expect(codes({ disk: 'emulated', network: 'emulated' })).toEqual(['MP7003', 'MP7003']);
  });
  test('and the server has emulated hardware: fine', () => {
    expect(codes({ disk: 'emulated', network: 'emulated' }, { hardware: emulated })).toEqual([]);
  });
  test('for the network alone', () => {
    expect(codes({ network: 'emulated' })).toEqual(['MP7003']);
    expect(codes({ network: 'emulated' }, { hardware: { disk: 'virtio', network: 'emulated' } })).toEqual([]);
  });
  test('virt-v2v says nothing of them: refused, not assumed', () => {
    expect(codes({ disk: 'unknown' })).toEqual(['MP7003']);
    expect(codes({ disk: 'unknown' }, { hardware: emulated })).toEqual([]);
  });
});

describe('the guest needs UEFI', () => {
  test('and the server would boot by BIOS: refused', () => expect(codes({ firmware: 'uefi' })).toEqual(['MP7004']));
  test('and has it: fine', () => expect(codes({ firmware: 'uefi' }, { firmware: 'efi' })).toEqual([]));
});
