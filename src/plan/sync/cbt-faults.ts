import type { ObservedVm } from '../../model/observed-source.js';

/** A fault of changed block tracking that VMware has published, by the hosts that have it. */
interface CbtFault {
  /** Beginning of the version, such as `6.0.` */
  readonly versions: readonly string[];
  /** The first build without it; undefined: no release of these versions is without it. */
  readonly fixedInBuild?: number;
  readonly what: string;
  readonly source: string;
}

/** Each row with its source. A host on it is compared more, never refused: what was found wrong is told by the comparison. */
const cbtFaults: readonly CbtFault[] = [
  {
    versions: ['4.', '5.'],
    what: 'tracking is wrong after a disk grew past 128 GiB, and lost by Storage vMotion',
    source: 'VMware KB 2090639 (Broadcom 310751), KB 2048201',
  },
  {
    versions: ['6.0.'],
    fixedInBuild: 3_247_720,
    what: 'writes during the consolidation of a snapshot are not tracked (before patch ESXi600-201511001)',
    source: 'VMware KB 2136854 (Broadcom 317933)',
  },
];

/** What is known of the host that the VM runs on; undefined when nothing is, or the host is not told. */
export function cbtFaultOf({ host }: ObservedVm): string | undefined {
  if (host === undefined) return undefined;
  const { version, build } = host;
  const fault = cbtFaults.find(
    ({ versions, fixedInBuild }) =>
      versions.some((prefix) => version.startsWith(prefix)) && (fixedInBuild === undefined || build < fixedInBuild),
  );
  return fault && `ESXi ${version} build ${build}: ${fault.what} (${fault.source})`;
}
