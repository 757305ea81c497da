import type { LedgerEntries } from './vm-ledger.js';

/** What this machine knows of earlier runs. Implemented by StateFolder and by lab/sim. */
export interface LocalState {
  /** Names this state; '' before the first apply. */
  readonly lineage: string;
  /**
   * The file to remove for what this state says of earlier runs to count, when it was copied from another place and so proves
   * nothing about whether they are alive. Absent: it was written here.
   */
  readonly copied?: string | undefined;
  /** Locks and ledgers are seen by every machine. */
  readonly isShared?: boolean | undefined;
  /**
   * Runs that hold the lock of some VM, and live as far as anybody can tell. Locks go by the names of manifests: what one of them holds of this VM it
   * holds under another name. Absent: nobody can be asked.
   */
  liveRuns?(): Promise<ReadonlySet<string>>;
  ledgerEntries(name: string): Promise<LedgerEntries>;
  /** Runs of which conversion overlays of this VM are here. */
  runsWithOverlays(name: string): Promise<string[]>;
}
