import { type Clock, systemClock } from '../host/clock.js';
import { makeFolders } from '../host/make-folders.js';
import { ProgramFinder } from '../host/program.js';
import type { ConversionDisk, ConversionJob, ConversionReport, Converter } from '../providers/converter.js';
import { ConvertError } from './errors.js';
import { commitOverlay, completeOverlay, createOverlay, discardOverlay, hasOverlay } from './overlay.js';
import { LAUNCH_FAILED, runVirtV2v } from './virt-v2v.js';

export interface ConverterOptions {
  /** Added to our environment for virt-v2v: LIBGUESTFS_*, VIRTIO_WIN, VIRT_TOOLS_DATA_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  readonly programs?: ProgramFinder;
  readonly clock?: Clock;
  /** How long the appliance may take to start before emulation is tried; two minutes unless given. */
  readonly launchTimeoutMs?: number;
}

/** With KVM it takes 5 seconds, emulated on a busy machine less than a minute. */
const LAUNCH_TIMEOUT_MS = 120_000;

/** For a machine whose KVM is there and does not work: the appliance then fails at once, or hangs for ever. */
const emulation = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } as const;

const isLaunchFailure = (error: unknown): boolean =>
  error instanceof ConvertError && error.details.detail.includes(LAUNCH_FAILED);

class OverlayConverter implements Converter {
  /** Set when emulation is configured, or the appliance started only with it, whatever then came of the guest. */
  private emulated: boolean;
  constructor(private readonly options: Required<ConverterOptions>) {
    const settings = options.env['LIBGUESTFS_BACKEND_SETTINGS'] ?? process.env['LIBGUESTFS_BACKEND_SETTINGS'] ?? '';
    this.emulated = settings.includes(emulation.LIBGUESTFS_BACKEND_SETTINGS);
  }

  async convert(job: ConversionJob): Promise<ConversionReport> {
    await makeFolders(job.folder, 0o700);
    try {
      const report = await this.runOrEmulate(job);
      for (const { overlay } of job.disks) await completeOverlay(overlay, this.options.programs);
      return report;
    } catch (error) {
      for (const { overlay } of job.disks) await discardOverlay(overlay);
      throw error;
    }
  }

  commit(disk: ConversionDisk): Promise<void> {
    return commitOverlay(disk, this.options.programs);
  }

  hasOverlay(overlay: string): Promise<boolean> {
    return hasOverlay(overlay);
  }

  discard(overlay: string): Promise<void> {
    return discardOverlay(overlay);
  }

  private async runOrEmulate(job: ConversionJob): Promise<ConversionReport> {
    if (this.emulated) return this.run(job, emulation);
    try {
      return await this.run(job, {});
    } catch (error) {
      if (!isLaunchFailure(error)) throw error;
    }
    try {
      const report = await this.run(job, emulation);
      this.emulated = true;
      return report;
    } catch (error) {
      this.emulated = !isLaunchFailure(error);
      throw error;
    }
  }

  private async run(job: ConversionJob, env: Readonly<Record<string, string>>): Promise<ConversionReport> {
    const { programs, clock, launchTimeoutMs } = this.options;
    for (const disk of job.disks) await createOverlay(disk, programs);
    const limit = env === emulation ? {} : { launchTimeoutMs };
    return runVirtV2v(job, { programs, clock, env: { ...this.options.env, ...env }, ...limit });
  }
}

/** Converts guests with virt-v2v-in-place, on overlays over their volumes. */
export const openConverter = ({
  env = {},
  programs = new ProgramFinder(),
  clock = systemClock,
  launchTimeoutMs = LAUNCH_TIMEOUT_MS,
}: ConverterOptions = {}): Converter => new OverlayConverter({ env, programs, clock, launchTimeoutMs });
