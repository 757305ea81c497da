import { reseedPattern } from '../../model/reseed.js';
import { sshHostPattern, sshUserPattern } from '../../model/ssh-names.js';
import type { TextForm } from './shape.js';

const dnsLabel = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const labelWord = '[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';

/** Texts with a form: how they must look, and what they are called in messages. */
export const forms = {
  size: {
    title: 'size',
    pattern: '^([1-9][0-9]{0,8}MiB|[1-9][0-9]{0,5}GiB|[1-9][0-9]{0,2}TiB)$',
    examples: ['10GiB', '512MiB'],
  },
  duration: {
    title: 'duration',
    pattern: '^[1-9][0-9]{0,4}(s|m|h|d|h[1-9][0-9]?m)$',
    examples: ['20m', '6h', '1h30m'],
  },
  age: {
    title: 'duration or 0s',
    pattern: '^(0s|[1-9][0-9]{0,4}(s|m|h|d|h[1-9][0-9]?m))$',
    examples: ['20m', '6h', '0s'],
  },
  time: {
    title: 'time with a zone',
    pattern: '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$',
    examples: ['2026-11-22T22:00:00Z', '2026-11-22T23:00+01:00'],
  },
  cron: {
    title: 'cron expression of five fields',
    pattern: '^\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+\\S+$',
    examples: ['0 22 * * *', '30 1 * * SAT,SUN'],
  },
  timezone: { title: 'time zone name', pattern: '^[A-Za-z0-9_+/-]+$', examples: ['Europe/Madrid', 'UTC'] },
  /** Names people give; they become part of addresses such as vm/erp-db01, so nothing a shell or a path cares about. */
  name: {
    title: 'name of letters, digits, dots, dashes and underscores',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    maxLength: 80,
    examples: ['erp-db01'],
  },
  /** As in Kubernetes: an optional DNS name before a slash, and up to 63 characters. */
  label: {
    title: 'label name',
    pattern: `^(${dnsLabel}(\\.${dnsLabel})*/)?${labelWord}$`,
    maxLength: 253 + 1 + 63,
    examples: ['app'],
  },
  labelValue: {
    title: 'label value of at most 63 letters, digits, dots, dashes and underscores',
    pattern: `^(${labelWord})?$`,
    minLength: 0,
    maxLength: 63,
    examples: ['10'],
  },
  variable: {
    title: 'variable name of letters, digits and underscores',
    pattern: '^[A-Za-z][A-Za-z0-9_]*$',
    maxLength: 64,
    examples: ['flavor'],
  },
  /** What a text may grow by. */
  variableValue: { maxLength: 1024 },
  projectFile: {
    title: 'path of a file below the project folder',
    pattern: '^(?!(.*/)?\\.\\.(/|$))[^/~\\\\][^\\\\]*$',
    examples: ['overlays/prod.yaml'],
  },
  inventoryPath: {
    title: 'inventory path',
    pattern: '^/[^/]+(/[^/]+)+$',
    examples: ['/DC1/vm/erp/erp-db01'],
  },
  uuid: {
    title: 'instance UUID',
    pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
    examples: ['502e8c0a-3e1f-4d6b-9f0c-0a1b2c3d4e5f'],
  },
  moref: { title: 'managed object reference of a VM', pattern: '^vm-[0-9]+$', examples: ['vm-42'] },
  machineType: {
    title: 'machine type',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    maxLength: 64,
    examples: ['preserve', 'default', 'pc', 'q35', 'pc-i440fx-rhel7.6.0'],
  },
  reseed: {
    title: 'request (never, once, compare, once-2 ...)',
    pattern: reseedPattern,
    examples: ['once', 'compare', 'once-2'],
  },
  imageProperty: {
    title: 'image property that belongs to the guest (hw_* or os_*)',
    pattern: '^(hw|os)_[a-z0-9_]+$',
    maxLength: 255,
    examples: ['hw_disk_bus', 'hw_vif_model', 'hw_qemu_guest_agent'],
  },
  cloudName: { title: 'name in a cloud', pattern: '^\\S(.*\\S)?$', maxLength: 255, examples: ['tenant-net'] },
  host: {
    title: 'host name without scheme and path',
    pattern: '^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:]+\\])(:[0-9]{1,5})?$',
    examples: ['vc01.example.com'],
  },
  sshHost: {
    title: 'ssh host without user and port',
    pattern: sshHostPattern,
    maxLength: 255,
    examples: ['conv1.example.com', '192.0.2.7'],
  },
  sshUser: {
    title: 'user name',
    pattern: sshUserPattern,
    maxLength: 255,
    examples: ['root', 'cloud-user'],
  },
  address: { title: 'IP address', pattern: '^[0-9A-Fa-f.:]+$', examples: ['10.20.4.31'] },
  addressOrCidr: {
    title: 'IP address or CIDR',
    pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$',
    examples: ['10.20.4.250', '10.20.4.0/28'],
  },
  mac: { title: 'MAC address', pattern: '^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$', examples: ['00:00:5e:00:01:01'] },
  macChoice: {
    title: 'keep, new or a MAC address',
    pattern: '^(keep|new|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})$',
    examples: ['keep', 'new', '00:00:5e:00:01:01'],
  },
  /** Of OpenSSH's allowed_signers: one person, no pattern of several. In ASCII: two names that look alike would count as two people. */
  principal: {
    title: 'name of one who signs, in ASCII, without blanks, commas and patterns',
    pattern: '^(?=[!-~]+$)[^\\s,"*?!#-][^\\s,"*?!]*$',
    maxLength: 255,
    examples: ['alice@example.com'],
  },
  /** Of a server: Nova takes no comma and no slash. */
  tag: { title: 'tag without comma and slash', pattern: '^[^,/]+$', maxLength: 60, examples: ['erp'] },
  /** What Nova takes. */
  metadataKey: {
    title: 'metadata key of letters, digits and -_:. /',
    pattern: '^[a-zA-Z0-9\\-_:. /]{1,255}$',
    maxLength: 255,
    examples: ['owner'],
  },
  printable: { title: 'printable ASCII text', pattern: '^[ -~]+$', maxLength: 255 },
  thumbprint: {
    title: 'certificate thumbprint (SHA-1 or SHA-256, pairs with colons)',
    pattern: '^([0-9A-Fa-f]{2}:){19}([0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}:){12}[0-9A-Fa-f]{2})$',
    examples: ['A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D'],
  },
  secret: {
    title: 'reference to a secret',
    pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
    examples: ['env:GOVC_PASSWORD', 'file:/run/secrets/vcenter-password'],
    secret: true,
  },
  /** Whatever was written instead may be a login: it is not shown. */
  stateAddress: {
    title: 'URL of http or https with {name} in its path, and without user and password',
    pattern: '^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:]+\\])(:[0-9]{1,5})?/[^\\s#]*\\{name\\}[^\\s#]*$',
    maxLength: 2048,
    examples: ['https://gitlab.example.com/api/v4/projects/42/terraform/state/{name}'],
    secret: true,
  },
  glob: {
    title: 'pattern of files below the project folder',
    pattern: '^[^/~\\\\][^\\\\]*$',
    examples: ['manifests/**/*.yaml'],
  },
} as const satisfies Record<string, TextForm>;

const sizeUnits: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const durationUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Bytes of a text that has the form of a size: `10GiB`. */
export function parseSize(text: string): number {
  const [, amount, unit] = /^(\d+)(\wiB)$/.exec(text)!;
  return Number(amount) * sizeUnits[unit!]!;
}

/** Seconds of a text that has the form of a duration: `20m`, `1h30m`. */
export function parseDuration(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhd])/g)) seconds += Number(amount) * durationUnits[unit!]!;
  return seconds;
}

/** What somebody who wrote `10 GB` or `20 min` most likely meant, in our form; undefined when it cannot be guessed. */
export function repairForm(title: unknown, text: string): string | undefined {
  if (title === forms.size.title) {
    const size = /^([1-9]\d{0,2}|[1-9]\d{3,4}(?=\s*[mg]))\s*([mgt])i?b?$/i.exec(text.trim());
    return size === null ? undefined : `${size[1]}${size[2]!.toUpperCase()}iB`;
  }
  if (title === forms.duration.title || title === forms.age.title) {
    const time = /^([1-9]\d{0,4})\s*(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?)?$/i.exec(text.trim());
    return time === null ? undefined : `${time[1]}${time[2]!.toLowerCase()}`;
  }
  if (title === forms.host.title) return /^https?:\/\/(?:[^/@]*@)?([A-Za-z0-9.-]+(?::\d+)?)(?:\/.*)?$/.exec(text)?.[1];
  if (title === forms.inventoryPath.title && /^[^/]+(\/[^/]+)+$/.test(text)) return `/${text}`;
  return undefined;
}
