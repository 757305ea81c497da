import type { ErrorCause } from '../../apply/error-causes.js';
import type { Verified } from '../../apply/handler.js';
import type { MigrationResult } from '../../apply/migration-result.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { ActionKind } from '../../plan/core/action.js';
import type { ProcessIdentity } from '../../state/process-identity.js';

/**
 * running: its process lives. ended: it said itself how. killed: its process is gone and said nothing. unknown: it runs, or ran, on
 * another machine or in another container, into which nobody can look from here, or its journal names no process.
 */
export type RunStatus = 'running' | 'ended' | 'killed' | 'unknown';

/**
 * One apply, as its journal tells it. Times are ISO 8601 in UTC, sizes bytes, durations seconds. Field names are public interface
 * (`runs show --json`). What a killed run did not come to say is absent.
 */
export interface RunRecord {
  readonly run: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Of the newest line: how far a killed run is known to have come. */
  readonly lastAt: string;
  /** Exit code of the process. */
  readonly exit?: number;
  readonly process?: ProcessIdentity;
  /** Program, command, arguments; without secrets. */
  readonly command?: readonly string[];
  readonly migplan?: string;
  readonly node?: string;
  /** Of the project. */
  readonly folder?: string;
  readonly plan?: { readonly id: string; readonly digest: string; readonly createdAt: string };
  /** Written to volumes so far, by disks that are complete. */
  readonly bytes: number;
  /** In the order of the plan. */
  readonly vms: readonly VmRun[];
  /** Why the run as a whole ended. */
  readonly diagnostics: readonly Diagnostic[];
  readonly causes: readonly ErrorCause[];
  /** Lines that are no JSON, such as one that was being written when the machine went down. */
  readonly unreadableLines: number;
}

export interface VmRun {
  /** `vm/NAME`. */
  readonly address: string;
  /** Absent: it was not begun, it is being worked on, or the run was killed meanwhile. */
  readonly result?: MigrationResult;
  /** Absent: it was not begun. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly steps: readonly StepRun[];
  readonly diagnostics: readonly Diagnostic[];
  /** What failed, then why, down to what the operating system said. */
  readonly causes: readonly ErrorCause[];
  readonly notes: readonly { readonly at: string; readonly text: string }[];
  /** Of a failure: paths of what the programs said, as they were then. */
  readonly logs: readonly string[];
}

/** One action of the plan. Without `endedAt` it is being done, failed, or was cut off. */
export interface StepRun {
  readonly kind: ActionKind;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  /** Of a sync, in the order they were begun. */
  readonly disks: readonly DiskRun[];
  /** Of a conversion. */
  readonly stages: readonly { readonly at: string; readonly stage: string; readonly percent: number }[];
}

/** One disk of one sync. */
export interface DiskRun {
  readonly disk: number;
  readonly mode: 'full' | 'delta' | 'repair';
  readonly cycle: number;
  readonly capacity: number;
  /** To be copied, and in how many extents: size of the delta. Absent for a full copy. */
  readonly delta?: { readonly bytes: number; readonly extents: number };
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Written. With `endedAt` only. */
  readonly bytes?: number;
  /** Of a repair: what was compared, and what was missing on the volume. */
  readonly compared?: number;
  /** From attaching the volume to giving it back. With `endedAt` only. */
  readonly seconds?: number;
  /** Written each second, on average; with `endedAt` only, and not where nothing was written. */
  readonly bytesPerSecond?: number;
  readonly verified?: Verified;
  readonly changeId?: string;
  /** Everything before this offset is known to be copied. */
  readonly checkpoint?: number;
  /** What was copied by when: each 10 seconds, after five minutes each minute. */
  readonly progress: readonly { readonly at: string; readonly bytesDone: number; readonly bytesTotal: number }[];
}
