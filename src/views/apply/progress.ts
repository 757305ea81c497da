import { formatBytes, formatSeconds } from '../../model/format.js';

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

const WINDOW_MS = 15_000;

/** One disk's copy: rate over the last seconds, and what is left at that rate. */
export class CopyProgress {
  private readonly samples: Sample[] = [];
  private bytesTotal = 0;
  readonly startedMs: number;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  update(atMs: number, bytes: number, bytesTotal: number): void {
    this.bytesTotal = bytesTotal;
    this.samples.push({ atMs, bytes });
    while (this.samples.length > 2 && this.samples[0]!.atMs < atMs - WINDOW_MS) this.samples.shift();
  }

  get bytes(): number {
    return this.samples.at(-1)?.bytes ?? 0;
  }

  get total(): number {
    return this.bytesTotal;
  }

  /** Bytes a second; 0 until there are two samples apart in time. */
  get rate(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  get etaSeconds(): number | undefined {
    return this.rate > 0 ? (this.bytesTotal - this.bytes) / this.rate : undefined;
  }

  /** `1.2 GiB of 3.4 GiB, 35%, 122.0 MiB/s, eta 18s, 10s elapsed` */
  text(nowMs: number): string {
    return `${formatBytes(this.bytes)} of ${formatBytes(this.bytesTotal)}, ${this.pace(nowMs)}`;
  }

  /** `35%, 122.0 MiB/s, eta 18s, 10s elapsed` */
  pace(nowMs: number): string {
    return `${this.brief()}, ${formatSeconds((nowMs - this.startedMs) / 1000)} elapsed`;
  }

  /** `35%, 122.0 MiB/s, eta 18s` */
  brief(): string {
    const percent = this.bytesTotal === 0 ? 100 : Math.floor((this.bytes / this.bytesTotal) * 100);
    const eta = this.etaSeconds === undefined ? '' : `, eta ${formatSeconds(this.etaSeconds)}`;
    const rate = this.rate === 0 ? '' : `, ${formatBytes(this.rate)}/s`;
    return `${percent}%${rate}${eta}`;
  }
}
