import type { NotCarried } from '../../../model/observed-source.js';
import { brief } from './brief.js';

/** What vCenter, the host or VMware Tools write into every VM by themselves, in lower case. */
const OF_THE_PLATFORM: readonly RegExp[] = [
  /^(?:scsi|sata|ide|nvme|floppy|ethernet|serial|parallel|sound|usb|usb_xhci|ehci|hpet|svga|vmci|pcibridge|vwdt|vtpm)\d*[.:]/,
  /^(?:ctkenabled|nvram|migrate\.|monitor\.|monitor_control\.|mks\.|numa\.autosize|replay\.|sched\.|snapshot\.|softpoweroff|tools\.)/,
  /^(?:toolscripts|vc\.uuid|viv\.|virtualhw\.|vmotion\.|vmware\.tools\.|vmxstats\.|evccompatibilitymode|hbr_filter\.|keyboard\.)/,
  /^(?:cleanshutdown|config\.readonly|cpuid\.|disk\.enableuuid|extendedconfigfile|guestos\.detailed\.data|guestinfo\.detailed\.data)/,
  /^(?:guestinfo\.(?:vmtools\.|appinfo|driver\.|toolsinstallerrcode|vmware\.)|numvcpus|uuid\.|vhv\.|svga\.|unity\.|answer\.msg\.)/,
  /^(?:deploymentplatform|powertype\.|gui\.|isolation\.tools\.(?:copy|paste)\.disable$|log\.|featmask\.|checkpoint\.|pci\w+\.pcislotnumber)/,
];

const SECRET = 'names only: values may be secrets';

/** Advanced settings that somebody made, by name. */
export function advancedSettings(keys: readonly string[]): NotCarried[] {
  const made = [...new Set(keys)].filter((key) => !OF_THE_PLATFORM.some((pattern) => pattern.test(key.toLowerCase()))).toSorted();
  const isFolder = (key: string): boolean => /^sharedfolder/i.test(key);
  const isInfo = (key: string): boolean => /^guestinfo\./i.test(key);
  const told = (property: string, names: readonly string[], note: string): NotCarried[] => {
    const value = brief(names.join(' '));
    return value === undefined ? [] : [{ of: 'VM', property, value, note }];
  };
  return [
    ...told('guestinfo', made.filter(isInfo), `what the guest is told by VMware, cloud-init for example; ${SECRET}`),
    ...told('shared folders', made.filter(isFolder), 'there are none on the target'),
    ...told(
      'advanced settings',
      made.filter((key) => !isInfo(key) && !isFolder(key)),
      SECRET,
    ),
  ];
}
