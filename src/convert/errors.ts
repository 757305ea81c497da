import { FailedStep } from '../diag/detailed-error.js';

/**
 * The guest could not be converted, or its converted data not committed. MP7001: virt-v2v failed, volumes are untouched.
 * MP2057: its disks could not be looked at.
 * MP7002: an overlay could not be merged; only forward from there.
 */
export class ConvertError extends FailedStep<'MP2057' | 'MP7001' | 'MP7002'> {
  override readonly name = 'ConvertError';
}

/** virt-v2v has one exit status for every failure: what to do can only be told from its words (seen with 2.2). */
const advice: readonly { readonly words: RegExp; readonly nextSteps: readonly string[] }[] = [
  {
    words: /Hibernation or Fast Restart|mounted read-only, even though/,
    nextSteps: [
      'Start the source VM, switch fast startup off (powercfg /h off) and shut Windows down completely',
      'Sync once more, then repeat the cutover',
    ],
  },
  {
    words: /not enough free space for conversion/,
    nextSteps: ['Free space on that file system of the source VM, sync once more, then repeat the cutover'],
  },
  {
    words: /rhsrvany\.exe or pvvxsvc\.exe/,
    nextSteps: ["Install virt-v2v's Windows tools on the conversion host, or set VIRT_TOOLS_DATA_DIR to their folder"],
  },
  {
    words: /could not detect the source guest|No root device found/,
    nextSteps: [
      'Check that the first disk of the VM is the one it boots from, and that every disk of the VM is migrated',
      'Check the file systems in the source VM (chkdsk, fsck), sync once more, then repeat the cutover',
    ],
  },
  {
    words: /filesize: .*No such file or directory|mount exited with status|not found in fstab/,
    nextSteps: ['Check that every disk of the VM is migrated: a file system that the guest mounts is missing or damaged'],
  },
  {
    words: /guestfs_launch failed|supermin/,
    nextSteps: ['Run libguestfs-test-tool on the conversion host: its appliance does not start'],
  },
  {
    words: /unrecognized option/,
    nextSteps: ['Update virt-v2v on the conversion host'],
  },
  {
    words: /insufficient free space|free space .*tmp/i,
    nextSteps: ['Free at least 1 GiB in that folder of the conversion host, or set VIRT_V2V_TMPDIR to a larger place'],
  },
];

export const nextStepsFor = (text: string): readonly string[] | undefined =>
  advice.find(({ words }) => words.test(text))?.nextSteps;
