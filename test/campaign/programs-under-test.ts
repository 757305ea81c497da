import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import type { Estate } from '../../lab/estate/estate.js';
import Apply from '../../src/commands/apply.js';
import ForceUnlock from '../../src/commands/force-unlock.js';
import Plan from '../../src/commands/plan.js';
import type { Runtime } from '../../src/runtime.js';
import type { Streams } from '../../src/views/streams.js';
import { SimulatedRuntime } from './simulated-runtime.js';

/** What a command said and how it ended. */
export interface Told {
  readonly exit: number;
  /** Codes of errors, of warnings, and of what is blocked. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly blocked: readonly string[];
  readonly notes: readonly string[];
  /** Everything, as it was printed. */
  readonly text: string;
}

export interface Place {
  readonly estate: Estate;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the commands under test work; one at a time. */
let place: Place;
let printed: string[] = [];

const keeping: Streams = {
  out: (text) => void printed.push(text),
  err: (text) => void printed.push(text),
  outIsTerminal: false,
  errIsTerminal: false,
  columns: 100,
  rows: 24,
};

const openRuntime = (): Promise<Runtime> => SimulatedRuntime.openOn(place.estate, place.folder, place.env);

class PlanHere extends Plan {
  static override id = 'plan';
  protected override readonly streams = keeping;
  protected override openRuntime = openRuntime;
}

class ApplyHere extends Apply {
  static override id = 'apply';
  protected override readonly streams = keeping;
  protected override openRuntime = openRuntime;
}

class ForceUnlockHere extends ForceUnlock {
  static override id = 'force-unlock';
  protected override readonly streams = keeping;
  protected override openRuntime = openRuntime;
}

let config: Promise<Config> | undefined;
/** oclif looks for package.json from here upwards. */
const oclif = (): Promise<Config> => {
  config ??= Config.load(fileURLToPath(new URL('.', import.meta.url)));
  return config;
};

export const plan = (here: Place, args: readonly string[]): Promise<Told> =>
  run(here, async () => PlanHere.run([...args, ...common(here)], await oclif()));
export const apply = (here: Place, args: readonly string[]): Promise<Told> =>
  run(here, async () => ApplyHere.run([...args, ...common(here)], await oclif()));

export const forceUnlock = (here: Place, id: string): Promise<Told> =>
  run(here, async () => ForceUnlockHere.run([id, '--force', ...common(here)], await oclif()));

const common = ({ folder }: Place): string[] => ['--json', '--chdir', folder];

async function run(here: Place, command: () => Promise<unknown>): Promise<Told> {
  place = here;
  printed = [];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await command();
    return told(printed.join(''), Number(process.exitCode ?? 0));
  } finally {
    process.exitCode = before;
  }
}

interface Line {
  readonly type?: string;
  readonly note?: string;
  readonly diagnostic?: { readonly severity?: string; readonly code?: string };
}

function told(text: string, exit: number): Told {
  const lines = text.split('\n').flatMap((line): Line[] => (line.startsWith('{"') ? [JSON.parse(line) as Line] : []));
  const codes = (type: string, severity: string): string[] =>
    lines.flatMap(({ type: is, diagnostic }) =>
      is === type && diagnostic?.severity === severity ? [diagnostic.code ?? 'MP9001'] : [],
    );
  return {
    exit,
    errors: [...codes('diagnostic', 'error'), ...(text.includes('[MP9001]') ? ['MP9001'] : [])],
    warnings: codes('diagnostic', 'warning'),
    blocked: codes('blocked', 'error'),
    notes: lines.flatMap(({ note }) => (note === undefined ? [] : [note])),
    text,
  };
}
