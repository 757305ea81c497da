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
  ledgerEntries(name: string): Promise<LedgerEntries>;
  /** Runs of which conversion overlays of this VM are here. */
  runsWithOverlays(name: string): Promise<string[]>;
}
