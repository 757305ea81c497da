/** The cloud's idea of time. Everything asynchronous in the simulator waits here, so a test can move time instead of sleeping. */
export interface SimClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs the job when the clock has moved by `delayMs`. */
  after(delayMs: number, job: () => void): void;
  /** Moves the clock forward and runs what has become due, in order. */
  advance(deltaMs: number): void;
  /** Forgets all jobs. */
  close(): void;
}

interface Job {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export interface ClockOptions {
  /** A frozen clock moves by `advance` only. */
  readonly frozen?: boolean;
  readonly startMs?: number;
}

const JOB_RUNS_MAX = 100_000;

/** A clock that follows the machine's, plus what `advance` added; or one that stands still until told. */
export function createClock({ frozen = false, startMs }: ClockOptions = {}): SimClock {
  const jobs: Job[] = [];
  let offsetMs = startMs === undefined ? 0 : startMs - (frozen ? 0 : Date.now());
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  if (frozen && startMs === undefined) offsetMs = Date.now();
  const now = () => (frozen ? 0 : Date.now()) + offsetMs;

  const nextJob = () =>
    jobs.reduce<Job | undefined>((first, job) => (first === undefined || isEarlier(job, first) ? job : first), undefined);
  /** Runs what is due up to `untilMs`, each job at its own time, so that what it starts counts from there. */
  function runUntil(untilMs: number): void {
    for (let runs = 0; runs < JOB_RUNS_MAX; runs++) {
      const job = nextJob();
      if (job === undefined || job.dueMs > untilMs) break;
      jobs.splice(jobs.indexOf(job), 1);
      offsetMs += Math.max(0, job.dueMs - now());
      job.run();
    }
    offsetMs += Math.max(0, untilMs - now());
    arm();
  }
  function arm(): void {
    if (frozen) return;
    clearTimeout(timer);
    const job = nextJob();
    if (job !== undefined) timer = setTimeout(() => runUntil(now()), Math.max(1, job.dueMs - now()));
    timer?.unref();
  }
  return {
    now,
    after(delayMs, run) {
      jobs.push({ dueMs: now() + delayMs, order: order++, run });
      arm();
    },
    advance(deltaMs) {
      runUntil(now() + deltaMs);
    },
    close() {
      clearTimeout(timer);
      jobs.length = 0;
    },
  };
}

const isEarlier = (a: Job, b: Job) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

/** `2024-05-01T10:00:00.000000`: the form of Cinder and Keystone, which adds `Z` itself. */
export const isoMicroseconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}.000000`;

/** `2024-05-01T10:00:00Z`: the form of Nova, Neutron and Glance. */
export const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
