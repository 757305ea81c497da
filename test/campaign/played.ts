import type { Estate } from '../../lab/estate/estate.js';
import type { Station as Machine } from '../../lab/estate/station.js';
import type { Figures } from './figures.js';
import type { Oracle } from './oracle.js';
import type { Told } from './programs-under-test.js';
import type { SharedState } from './shared-state.js';
import type { Fate, Station, Wish } from './story.js';

/** How one command ended. */
export type Run = { readonly died: true } | ({ readonly died: false } & Told);

/** A story that is being played, as its judge sees it. */
export interface Played {
  readonly estate: Estate;
  readonly stations: readonly Machine[];
  /** Absent: each station has a state of its own. */
  readonly shared?: SharedState | undefined;
  readonly oracle: Oracle;
  readonly figures: Figures;
  readonly wish: Wish;
  /** Whether the manifest is there. */
  readonly present: boolean;
  /** Stations whose state somebody lost. */
  readonly stateless: ReadonlySet<Station>;
  /** Plans and applies. */
  go(at: Station, how: { readonly cutover: boolean; readonly fate: Fate }): Promise<Run>;
}
