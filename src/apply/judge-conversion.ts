import type { ConversionReport } from '../contracts/converter.js';
import type { GuestHardware } from '../model/guest-hardware.js';
import { judgeGuest, type ReviewedGuest } from './judge-guest.js';
import type { Judgement, Refusal } from './refusal.js';

/** What the server will give the guest, as it was reviewed. */
export interface ServerToBe extends ReviewedGuest {
  readonly hardware: GuestHardware;
  /** The system that was converted. */
  readonly root: string;
}

type Judge<K extends keyof ConversionReport> = (said: ConversionReport[K], server: ServerToBe) => Partial<Judgement>;

/** One for each field of the report: a field that nobody looks at does not compile. */
const judges: { readonly [K in keyof Required<ConversionReport>]: Judge<K> } = {
  disk: (said, { hardware, guestFamily }) => {
    switch (said) {
      case 'virtio':
        return {};
      case 'emulated':
        return hardware.disk === 'emulated' ? {} : refuse(lacksDrivers('disk', guestFamily));
      case 'unknown':
        return hardware.disk === 'emulated' ? {} : refuse(saysNothing);
    }
  },
  network: (said, { hardware, guestFamily }) => {
    switch (said) {
      case 'virtio':
        return {};
      case 'emulated':
        return hardware.network === 'emulated' ? {} : refuse(lacksDrivers('network', guestFamily));
    }
  },
  firmware: (said, { firmware }) => {
    switch (said) {
      case 'any':
        return {};
      case 'uefi':
        return firmware === 'efi' ? {} : refuse(needsUefi);
    }
  },
  warnings: (said) => ({ notes: said.map((one) => ({ kind: 'conversion-warning', said: one })) }),
  // NTFS is as the converter left it; all else must be as it was, and boot.
  guest: (said, server) => {
    const written = { ...said, disks: said.disks.map((disk) => ({ ...disk, windows: [] })) };
    const { refusals } = judgeGuest(written, server);
    const isThere = said.systems.some(({ root }) => root === server.root);
    return { refusals: [...refusals.map(afterwards), ...(isThere ? [] : [systemGone(server.root)])] };
  },
};

const afterwards = ({ detail, nextSteps }: Refusal): Refusal => ({
  code: 'MP7005',
  detail: `after the conversion: ${detail}`,
  nextSteps,
});

const systemGone = (root: string): Refusal => ({
  code: 'MP7005',
  detail: `after the conversion no system is found on ${root}, which was converted`,
  nextSteps: ['run migplan plan again: the volumes are as they were', 'or update virt-v2v on the conversion host'],
});

/** Pure: whether what virt-v2v made of the guest boots on what the server gives it. */
export function judgeConversion(report: ConversionReport, server: ServerToBe): Judgement {
  const found = (Object.keys(judges) as (keyof ConversionReport)[]).map((field) => judgeField(field, report, server));
  return { refusals: found.flatMap(({ refusals = [] }) => refusals), notes: found.flatMap(({ notes = [] }) => notes) };
}

function judgeField<K extends keyof ConversionReport>(
  field: K,
  report: ConversionReport,
  server: ServerToBe,
): Partial<Judgement> {
  const judge: Judge<K> = judges[field];
  return judge(report[field], server);
}

const refuse = (refusal: Refusal): Partial<Judgement> => ({ refusals: [refusal] });

const lacksDrivers = (what: 'disk' | 'network', guestFamily: ServerToBe['guestFamily']): Refusal => ({
  code: 'MP7003',
  detail:
    `virt-v2v found no virtio ${what} driver for this guest, and the server would give it virtio ${what}s: ` +
    (what === 'disk' ? 'it would not boot' : 'it would have no network'),
  nextSteps: [
    ...(guestFamily === 'windows'
      ? ['install a virtio-win on the conversion host that has drivers for this Windows, then run migplan plan again']
      : []),
    'or set spec.target.hardware: emulated (slower, needs no drivers) and run migplan plan again',
  ],
});

const saysNothing: Refusal = {
  code: 'MP7003',
  detail: 'virt-v2v did not say whether the guest can boot from virtio disks, which is what the server would give it',
  nextSteps: [
    'update virt-v2v on the conversion host, then run migplan plan again',
    'or set spec.target.hardware: emulated (slower, needs no drivers) and run migplan plan again',
  ],
};

const needsUefi: Refusal = {
  code: 'MP7004',
  detail: 'the guest boots by UEFI only, and its source VM says BIOS, which is what the server would have',
  nextSteps: [
    'set the firmware of the source VM to EFI in vCenter (Edit Settings, VM Options, Boot Options), then run migplan plan again',
  ],
};
