import type { Streams } from './streams.js';

/** How a view speaks. */
export interface ViewOptions {
  readonly streams: Streams;
  readonly format: 'human' | 'json';
  readonly noColor: boolean;
  /** Hints on what to type next are left out where nobody types. */
  readonly inAutomation: boolean;
  readonly version: string;
  readonly now: () => Date;
}
