import type { PluginReader } from '../contracts/disk-reader.js';

/** What VDDK's words mean. `detail` ends with what the programs said. */
export interface ReaderFailure {
  readonly detail: string;
  readonly nextSteps?: readonly string[];
}

interface Meaning {
  /** Matched line by line. */
  readonly line: RegExp;
  readonly means: string;
  readonly nextSteps: readonly string[];
}

export const SET_LIBDIR = 'set libdir of the reader to the unpacked VDDK, the folder that has lib64/libvixDiskLib.so in it';

/**
 * What nbdkit and VDDK print, as users report it; the first row that a line matches decides. VDDK answers most with "Unknown error"
 * and prints the reason before it, so the vague words stand last.
 */
const MEANINGS: readonly Meaning[] = [
  {
    line: /libvixDiskLib\S*: cannot open shared object|required VDDK symbol|\S+\.so[.\d]*: cannot open shared object/,
    means: "VDDK's library, or one that it needs, cannot be loaded",
    nextSteps: [SET_LIBDIR],
  },
  {
    line: /FileLocked|Failed to lock the file|The file is locked/i,
    means: 'somebody else holds the disk open',
    nextSteps: ['find what holds the disk open: a backup proxy, or a reader of an earlier run that still lives; then run again'],
  },
  {
    line: /NFC error 5\b|Failed to allocate the requested|(?:maximum|too many|limit)[^\n]*NFC|NFC[^\n]*(?:session|connection)s? limit/i,
    means: 'the NFC service of the ESXi host has no memory or session left for another disk',
    nextSteps: ['lower limits.transfers of the Project, or let backups that read from this host end; then run again'],
  },
  {
    line: /Failed to connect to (?:server|peer)|vmware-authd socket|NfcEstablishAuthCnxToServer|server refused connection/i,
    means: 'the ESXi host that runs the VM cannot be reached on its NFC port (TCP 902)',
    nextSteps: [
      'open TCP port 902 from this machine to every ESXi host, not to vCenter alone',
      "make this machine resolve the ESXi host's name as vCenter has it",
    ],
  },
  {
    line: /cannot complete login|incorrect user name or password|InvalidLogin|invalid (?:user ?name|credentials)|login (?:failed|refused)/i,
    means: 'the login of VDDK was refused',
    nextSteps: ['check user and password of the provider, and whether the account is locked'],
  },
  {
    line: /do not have access rights|insufficient permission|NoPermission/i,
    means: 'the account may not read this disk',
    nextSteps: ['give the account the privilege VirtualMachine.Provisioning.DiskRandomRead where the VM is, and run again'],
  },
  {
    line: /(?:no|none|not|cannot|invalid|unknown|unsupported)\b[^\n]*transport|transport[^\n]*(?:not|un)[ -]?(?:available|supported|known)/i,
    means: 'VDDK has no transport mode of those asked for',
    nextSteps: ['take transports out of the reader, so that VDDK chooses, or set transports: nbdssl'],
  },
  {
    line: /thumbprint|SSL (?:error|exception|verif)|certificate/i,
    means: 'VDDK met another certificate than the one that migplan has verified',
    nextSteps: [
      'name vCenter itself as server of the provider, not a proxy or balancer with several certificates',
      'when its certificate was replaced just now: run again, the thumbprint is read anew each time',
    ],
  },
  {
    line: /VixDiskLib_\w+: [^\n]*Unknown error/,
    means:
      'VDDK names no reason; known ones are a name of vCenter or ESXi that is not resolved here, another certificate, or a missing privilege',
    nextSteps: [
      "make this machine resolve the names of vCenter and of the VM's ESXi host, and open TCP ports 443 and 902 to them",
      'give the account the privilege VirtualMachine.Provisioning.DiskRandomRead where the VM is, and run again',
    ],
  },
];

/** The name of a disk is its owner's choice: a VM called "certificates" says nothing about certificates. */
const DISK_FILE = /\[[^\]]*\] .*\.vmdk/;

/** Says what nbdkit's and VDDK's lines mean and what leads out; lines that nobody knows stay as they are. */
export function explainReaderFailure(said: string): ReaderFailure {
  const lines = said.split('\n').map((line) => line.replace(DISK_FILE, ''));
  const meaning = MEANINGS.find(({ line }) => lines.some((text) => line.test(text)));
  if (meaning === undefined) return { detail: said };
  return { detail: `${meaning.means}; said was:\n${said}`, nextSteps: meaning.nextSteps };
}

/** Only a plugin that loads VDDK speaks so: its library's folder is an argument. */
export const usesVddk = (reader: Pick<PluginReader, 'args'>): boolean => reader.args.some((arg) => arg.startsWith('libdir='));
