import type { Streams } from './streams.js';

/** How a view speaks. */
export interface ViewOptions {
  readonly streams: Streams;
  readonly format: 'human' | 'json';
  readonly noColor: boolean;
  /** Hints on what to type next are left out where nobody types. */
  readonly inAutomation: boolean;
  /** Lines of a trace come between: nothing is rewritten in place. */
  readonly isTraced?: boolean;
  readonly version: string;
  /** Another view has begun the output: the JSON stream has its version line already. */
  readonly isContinued?: boolean;
  readonly now: () => Date;
  /** As in Clock: for how fast something goes. */
  readonly monotonicMs: () => number;
}
