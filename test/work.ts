import { Session } from 'node:inspector';

/** How often each function of src/ was called, and how many elements of lists were gone through without a call, by method. */
export type Work = ReadonlyMap<string, number>;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Counted by the engine itself, however fast the machine is: calls of what is handed to `filter` and the like are calls, too. */
export function workOf(task: () => void): Work {
  const session = new Session();
  session.connect();
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const passed = elementsPassed(task);
    return new Map([...calls(session), ...passed]);
  } finally {
    session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

function calls(session: Session): [string, number][] {
  let seen: Coverage = { result: [] };
  session.post('Profiler.takePreciseCoverage', (error: Error | null, coverage: Coverage) => {
    if (error !== null) throw error;
    seen = coverage;
  });
  return seen.result.flatMap(({ url, functions }) =>
    functions.map(({ functionName, ranges: [whole] }): [string, number] => [
      `${url.replace(/^.*\/src\//, 'src/')} ${functionName} at ${whole!.startOffset}`,
      url.includes('/src/') && !url.includes('/node_modules/') ? whole!.count : 0,
    ]),
  );
}

/** What goes through a list without a call for each element, and `[...list]`. */
const SILENT = [
  'includes',
  'indexOf',
  'lastIndexOf',
  'slice',
  'concat',
  'join',
  'flat',
  'reverse',
  'toReversed',
  'splice',
] as const;

function elementsPassed(task: () => void): Map<string, number> {
  const passed = new Map<string, number>();
  const kept = [...SILENT, Symbol.iterator].map(
    (name) => [name, Object.getOwnPropertyDescriptor(Array.prototype, name)!] as const,
  );
  for (const [name, { value }] of kept) {
    const counted = function (this: unknown[], ...args: unknown[]) {
      const key = `Array ${String(name)}`;
      passed.set(key, (passed.get(key) ?? 0) + this.length);
      return value.apply(this, args);
    };
    Object.defineProperty(Array.prototype, name, { value: counted, writable: true, configurable: true });
  }
  try {
    task();
  } finally {
    for (const [name, descriptor] of kept) Object.defineProperty(Array.prototype, name, descriptor);
  }
  return passed;
}

/** For twice as much to be done, a little of which is done per comparison of a sort. */
const GROWTH_MAX = 2.3;
/** Calls of what is not done for each VM are too few to grow. */
const CALLS_MIN = 1000;
/** Lists that are gone through without calls are mostly short ones. */
const ELEMENTS_MIN = 10_000;

/** What was done more than twice as often for twice as many, with both counts, most often first. */
export function grownTooMuch(work: (count: number) => void, count: number): string[] {
  const [once, twice] = [count, 2 * count].map((of) => workOf(() => work(of))) as [Work, Work];
  return [...twice]
    .map(([what, calls]) => ({ what, calls, before: once.get(what) ?? 0 }))
    .filter(
      ({ what, calls, before }) => calls > (what.startsWith('Array ') ? ELEMENTS_MIN : CALLS_MIN) && calls > before * GROWTH_MAX,
    )
    .sort((a, b) => b.calls - a.calls)
    .map(({ what, calls, before }) => `${what}: ${before} -> ${calls}`);
}
