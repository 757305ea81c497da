import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConversionJob, ConversionReport } from '../contracts/converter.js';
import { runChild } from '../host/child.js';
import type { Clock } from '../host/clock.js';
import type { ProgramFinder } from '../host/program.js';
import { isTraced } from '../host/trace.js';
import { ConversionLog } from './conversion-log.js';
import { domainXml } from './domain-xml.js';
import { ConvertError, nextStepsFor } from './errors.js';

export interface VirtV2vSettings {
  readonly clock: Clock;
  readonly programs: ProgramFinder;
  /** Added to our environment: LIBGUESTFS_*, VIRTIO_WIN, VIRT_TOOLS_DATA_DIR, VIRT_V2V_TMPDIR. */
  readonly env: Readonly<Record<string, string>>;
  /** How long libguestfs's appliance may take to start. Absent: as long as it likes. */
  readonly launchTimeoutMs?: number;
}

/** virt-v2v's own words for an appliance that does not start; ours too, when it neither starts nor fails. */
export const LAUNCH_FAILED = 'guestfs_launch failed';

/** Of the stage that begins when the appliance has started. */
const LAUNCHED_PERCENT = 8;

const TIMEOUT_MS = 4 * 3_600_000;
const KILL_GRACE_MS = 5_000;

/**
 * `--root`: with several systems on the disks it would ask. Not `--quiet`: that leaves out the records on virtio drivers
 * and UEFI too; the lines for people, on standard output as well, are skipped.
 */
const args = (domain: string, root: string): string[] => [
  '-i',
  'libvirtxml',
  domain,
  '--root',
  root,
  '--machine-readable=stream:stdout',
  // All that whoever maintains virt-v2v asks for; megabytes of it go to its log.
  ...(isTraced('debug') ? ['-v', '-x'] : []),
];

/** Temporary files in a folder of their own; the appliance, which takes seconds to build, where it always is. */
const temporaries = (folder: string, env: VirtV2vSettings['env']): Record<string, string> => ({
  TMPDIR: folder,
  VIRT_V2V_TMPDIR: folder,
  LIBGUESTFS_CACHEDIR: env['LIBGUESTFS_CACHEDIR'] ?? process.env['LIBGUESTFS_CACHEDIR'] ?? '/var/tmp',
});

/** virt-v2v and its helpers make unix sockets in there, whose paths must stay below 108 bytes. */
const FOLDER_BYTES_MAX = 64;

/**
 * The name is the same for every try at one job: what a try that was killed left behind is removed by the next. virt-v2v wants
 * 1 GiB there; whoever has it elsewhere says so as they would to virt-v2v.
 */
async function temporaryFolder(folder: string, chosen = process.env['VIRT_V2V_TMPDIR'] ?? ''): Promise<string> {
  const isLong = Buffer.byteLength(folder) > FOLDER_BYTES_MAX;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const place = chosen || (isLong ? tmpdir() : '');
  const temporary = place === '' ? join(folder, 'tmp') : join(place, `migplan-v2v-${name}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { mode: 0o700 });
  return temporary;
}

function failure(status: number, said: string): ConvertError {
  const detail = said || `virt-v2v-in-place ended with status ${status}`;
  const nextSteps = nextStepsFor(detail);
  return new ConvertError({
    code: 'MP7001',
    call: 'virt-v2v-in-place',
    detail,
    ...(nextSteps === undefined ? {} : { nextSteps }),
  });
}

interface LaunchWatch extends Disposable {
  /** Aborted when the time is up and the appliance has not started. */
  readonly late: AbortSignal;
  started(): void;
}

function watchLaunch({ clock, launchTimeoutMs }: VirtV2vSettings): LaunchWatch {
  const late = new AbortController();
  const enough = new AbortController();
  if (launchTimeoutMs !== undefined) {
    clock.sleep(launchTimeoutMs, enough.signal).then(
      () => late.abort(failure(1, `libguestfs: ${LAUNCH_FAILED}: not within ${launchTimeoutMs / 1000} seconds`)),
      () => undefined,
    );
  }
  const started = () => enough.abort();
  return { late: late.signal, started, [Symbol.dispose]: started };
}

async function execute(job: ConversionJob, folders: { domain: string; temporary: string }, settings: VirtV2vSettings) {
  using launch = watchLaunch(settings);
  const log = new ConversionLog((stage, percent) => {
    if (percent >= LAUNCHED_PERCENT) launch.started();
    job.onStage?.(stage, percent);
  });
  const exit = await runChild({
    program: await settings.programs.path('virt-v2v-in-place'),
    args: args(folders.domain, job.root),
    env: { ...settings.env, ...temporaries(folders.temporary, settings.env) },
    onStdout: (chunk) => log.push(chunk),
    logsStdout: true,
    timeoutMs: TIMEOUT_MS,
    graceMs: KILL_GRACE_MS,
    signal: job.signal === undefined ? launch.late : AbortSignal.any([job.signal, launch.late]),
  });
  log.end();
  return { ...exit, log };
}

/**
 * Runs virt-v2v-in-place on the overlays of a job. startChild gives it a process group of its own, because the qemu-nbd that
 * it starts outlives it when it is killed. ConvertError MP7001 with what it said.
 */
export async function runVirtV2v(job: ConversionJob, settings: VirtV2vSettings): Promise<Omit<ConversionReport, 'guest'>> {
  const domain = join(job.folder, 'domain.xml');
  const temporary = await temporaryFolder(job.folder, settings.env['VIRT_V2V_TMPDIR']);
  try {
    await writeFile(domain, domainXml(job), { mode: 0o600 });
    const { status, stderr, log } = await execute(job, { domain, temporary }, settings);
    if (status !== 0) throw failure(status, log.error() || stderr);
    return log.report();
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
