import type {
  ConversionDisk,
  ConversionJob,
  ConversionReport,
  Converter,
  GuestInspection,
  InspectionJob,
} from '../contracts/converter.js';
import { type Clock, systemClock } from '../host/clock.js';
import { interruptible, isInterruption } from '../host/interruption.js';
import { makeFolders } from '../host/make-folders.js';
import { ProgramFinder } from '../host/program.js';
import type { DiskKey } from '../model/ids.js';
import { ConvertError } from './errors.js';
import { Guestfish } from './guestfish.js';
import { inspectGuest } from './inspect-guest.js';
import { commitOverlay, completeOverlay, createOverlay, discardOverlay, hasOverlay } from './overlay.js';
import { LAUNCH_FAILED, runVirtV2v } from './virt-v2v.js';

export interface ConverterOptions {
  /** Added to our environment for virt-v2v: LIBGUESTFS_*, VIRTIO_WIN, VIRT_TOOLS_DATA_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  readonly programs?: ProgramFinder;
  readonly clock?: Clock;
  /** How long the appliance may take to start before emulation is tried; two minutes unless given. */
  readonly launchTimeoutMs?: number;
  /** How long the merge of one disk may take; four hours unless given. */
  readonly commitTimeoutMs?: number;
}

/** With KVM it takes 5 seconds, emulated on a busy machine less than a minute. */
const LAUNCH_TIMEOUT_MS = 120_000;

/** What takes half a minute where everything is emulated. */
const LOOK_TIMEOUT_MS = 600_000;

/** For a machine whose KVM is there and does not work: the appliance then fails at once, or hangs for ever. */
const emulation = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } as const;

const isLaunchFailure = (error: unknown): boolean =>
  error instanceof ConvertError && error.details.detail.includes(LAUNCH_FAILED);

type Options = Required<Omit<ConverterOptions, 'commitTimeoutMs'>> & Pick<ConverterOptions, 'commitTimeoutMs'>;

class OverlayConverter implements Converter {
  /** Set when emulation is configured, or the appliance started only with it, whatever then came of the guest. */
  private emulated: boolean;
  /** Set when the appliance has started without. */
  private proven = false;
  constructor(private readonly options: Options) {
    const settings = options.env['LIBGUESTFS_BACKEND_SETTINGS'] ?? process.env['LIBGUESTFS_BACKEND_SETTINGS'] ?? '';
    this.emulated = settings.includes(emulation.LIBGUESTFS_BACKEND_SETTINGS);
  }

  convert(job: ConversionJob): Promise<ConversionReport> {
    return interruptible(job.signal, () => this.convertOrDiscard(job));
  }

  private async convertOrDiscard(job: ConversionJob): Promise<ConversionReport> {
    await makeFolders(job.folder, 0o700);
    try {
      const report = await this.runOrEmulate((appliance) => this.run(job, appliance));
      // As long as the overlays have their volumes below them.
      const overlays = job.disks.map(({ key, overlay }) => ({ key, format: 'qcow2' as const, address: overlay }));
      const guest = await this.look(overlays, job.signal);
      for (const { overlay } of job.disks) await completeOverlay(overlay, this.options.programs);
      return { ...report, guest };
    } catch (error) {
      for (const { overlay } of job.disks) await discardOverlay(overlay);
      throw error;
    }
  }

  inspect({ disks, signal }: InspectionJob): Promise<GuestInspection> {
    const volumes = disks.map(({ key, endpoint }) => ({ key, format: 'raw' as const, address: nbdAddress(endpoint.uri) }));
    return this.look(volumes, signal);
  }

  commit(disk: ConversionDisk): Promise<void> {
    return commitOverlay(disk, this.options.programs, this.options.commitTimeoutMs);
  }

  hasOverlay(overlay: string): Promise<boolean> {
    return hasOverlay(overlay);
  }

  discard(overlay: string): Promise<void> {
    return discardOverlay(overlay);
  }

  private look(disks: readonly LookedAt[], signal: AbortSignal | undefined): Promise<GuestInspection> {
    const late = AbortSignal.timeout(LOOK_TIMEOUT_MS);
    return this.runOrEmulate(async (appliance) => {
      const program = await this.options.programs.path('guestfish');
      const env = { ...this.options.env, ...appliance };
      const limits = [late, ...(signal === undefined ? [] : [signal])];
      await using fish = new Guestfish({ program, disks, env, signal: AbortSignal.any(limits) });
      await launched(fish, appliance === emulation || this.proven ? undefined : this.options);
      return await inspectGuest(fish, disks);
    }).catch((error: unknown) => {
      throw isInterruption(error, late) ? tooLong() : error;
    });
  }

  private async runOrEmulate<T>(attempt: (appliance: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
    if (this.emulated) return attempt(emulation);
    try {
      const result = await attempt({});
      this.proven = true;
      return result;
    } catch (error) {
      if (!isLaunchFailure(error)) throw error;
    }
    try {
      const result = await attempt(emulation);
      this.emulated = true;
      return result;
    } catch (error) {
      this.emulated = !isLaunchFailure(error);
      throw error;
    }
  }

  private async run(job: ConversionJob, env: Readonly<Record<string, string>>): Promise<Omit<ConversionReport, 'guest'>> {
    const { programs, clock, launchTimeoutMs } = this.options;
    for (const disk of job.disks) await createOverlay(disk, programs);
    const limit = env === emulation ? {} : { launchTimeoutMs };
    return runVirtV2v(job, { programs, clock, env: { ...this.options.env, ...env }, ...limit });
  }
}

interface LookedAt {
  readonly key: DiskKey;
  readonly format: 'raw' | 'qcow2';
  readonly address: string;
}

/** guestfish's own spelling. */
const nbdAddress = (uri: string): string => uri.replace('nbd+unix:///', 'nbd://');

/** An appliance that neither starts nor fails counts as one that failed. */
async function launched(fish: Guestfish, limit: Pick<ConverterOptions, 'clock' | 'launchTimeoutMs'> | undefined): Promise<void> {
  const { clock, launchTimeoutMs } = limit ?? {};
  if (clock === undefined || launchTimeoutMs === undefined) return fish.launch();
  using enough = new Enough();
  const late = clock.sleep(launchTimeoutMs, enough.signal).then(
    () => 'late' as const,
    () => 'enough' as const,
  );
  const outcome = await Promise.race([fish.launch(), late]);
  if (outcome !== 'late') return;
  throw new ConvertError({
    code: 'MP2057',
    call: 'guestfish',
    detail: `libguestfs: ${LAUNCH_FAILED}: not within ${launchTimeoutMs / 1000} seconds`,
  });
}

class Enough implements Disposable {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  [Symbol.dispose](): void {
    this.controller.abort();
  }
}

const tooLong = (): ConvertError =>
  new ConvertError({
    code: 'MP2057',
    call: 'guestfish',
    detail: `the disks could not be looked at within ${LOOK_TIMEOUT_MS / 60_000} minutes`,
    nextSteps: [
      'Run on the conversion host: time libguestfs-test-tool (nearly all of it is its appliance, which should take seconds)',
    ],
  });

/** Converts guests with virt-v2v-in-place, on overlays over their volumes. */
export const openConverter = ({
  env = {},
  programs = new ProgramFinder(),
  clock = systemClock,
  launchTimeoutMs = LAUNCH_TIMEOUT_MS,
  ...rest
}: ConverterOptions = {}): Converter => new OverlayConverter({ env, programs, clock, launchTimeoutMs, ...rest });
