import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { prng } from '../../lab/sim/prng.js';
import { type Figures, listed, noFigures, total } from './figures.js';
import { type Found, hunt } from './hunt.js';
import { makeScratch, play, removeScratch } from './play.js';
import type { Stage } from './player.js';
import { SharedStates } from './shared-state.js';
import type { Story } from './story.js';
import { tell } from './tell.js';

const BATCH = 50;
const MINUTE_MS = 60_000;
const TELL_EVERY_MS = 20_000;
const SEEDS = 2 ** 31;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '2.5' },
    /** Plays this story only. */
    story: { type: 'string' },
    /** Goes on after a rule was broken, and looks for others. */
    'keep-going': { type: 'boolean', default: false },
    /** Rules, by the beginning of their name, that may be broken. */
    'pass-over': { type: 'string', multiple: true, default: [] },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Everything follows from `seed`, however far time allows to get. */
async function campaign(seed: number, stage: Stage): Promise<number> {
  const began = Date.now();
  const until = began + Number(values.minutes) * MINUTE_MS;
  const figures = noFigures();
  const known = new Map<string, number>();
  const draw = prng(seed);
  let toldAt = began;
  say(`campaign: seed ${seed}, ${values.minutes} minutes`);
  while (Date.now() < until && (known.size === 0 || values['keep-going'])) {
    const found = await hunt(Math.floor(draw() * SEEDS), BATCH, {
      stage,
      figures,
      known,
      onBroken: (kind) => say(`  broke a rule in world ${figures.worlds}: ${kind}`),
    });
    if (found !== undefined) tellFound(found, known, figures);
    if (Date.now() - toldAt < TELL_EVERY_MS) continue;
    toldAt = Date.now();
    say(`  ${Math.round((toldAt - began) / 1000)} s: ${figures.worlds} worlds, ${total(figures.runs)} runs`);
  }
  tellFigures(figures, known, (Date.now() - began) / 1000);
  return known.size === 0 ? 0 : 1;
}

function tellFound({ violation, story }: Found, known: Map<string, number>, { worlds }: Figures): void {
  known.set(violation.kind, 1);
  say(
    `\nBROKEN after ${worlds} worlds: ${violation.kind}\n  ${violation.detail}\n${tell(story)}\n  story: ${JSON.stringify(story)}\n`,
  );
}

function tellFigures({ worlds, steps, runs, faults, codes, ends }: Figures, known: Map<string, number>, seconds: number): void {
  say(`${worlds} worlds in ${seconds.toFixed(0)} s (${Math.round((worlds / seconds) * 60)} a minute)`);
  say(`  steps ${total(steps)}: ${listed(steps)}`);
  say(`  commands ${total(runs)}: ${listed(runs)}`);
  say(`  faults and kills ${total(faults)}: ${listed(faults)}`);
  say(`  diagnostics seen ${Object.keys(codes).length}: ${listed(codes)}`);
  say(`  how worlds ended: ${listed(ends)}`);
  say(
    known.size === 0
      ? '  no rule was broken'
      : `  BROKEN ${known.size}: ${[...known].map(([kind, times]) => `${kind} ${times}`).join(', ')}`,
  );
}

async function replay(path: string, stage: Stage): Promise<number> {
  const story = JSON.parse(await readFile(path, 'utf8')) as Story;
  say(tell(story));
  const violation = await play(story, stage);
  say(violation === undefined ? 'all rules held' : `BROKEN: ${violation.kind}\n  ${violation.detail}`);
  return violation === undefined ? 0 : 1;
}

const scratch = await makeScratch();
const states = new SharedStates();
try {
  const seed = values.seed === undefined ? Date.now() % SEEDS : Number(values.seed);
  const stage = { scratch, states, passedOver: values['pass-over'] };
  process.exitCode = values.story === undefined ? await campaign(seed, stage) : await replay(values.story, stage);
} finally {
  await states[Symbol.asyncDispose]();
  removeScratch(scratch);
}
