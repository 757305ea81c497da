import type { VmHoldings } from './vm-ledger.js';

/** What this machine knows of earlier runs. Implemented by StateFolder and by lab/sim. */
export interface LocalState {
  /** Names this state; '' before the first apply. */
  readonly lineage: string;
  holdings(name: string): Promise<VmHoldings>;
  /** Runs of which conversion overlays of this VM are here. */
  runsWithOverlays(name: string): Promise<string[]>;
}
