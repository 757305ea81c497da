import { parseArgs } from 'node:util';
import { prng } from '../sim/prng.js';
import { StateServer } from './shared-state.js';
import { type Counts, RuleBroken, Street } from './street.js';

/** The campaign's second tier: fewer worlds, and everything real but the two clouds. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    /** Goes on after a rule was broken. */
    'keep-going': { type: 'boolean', default: false },
    /** Rules, by the beginning of their name, that may be broken. */
    'pass-over': { type: 'string', multiple: true, default: [] },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const MINUTE_MS = 60_000;
const VMS = 4;

const began = Date.now();
const random = prng(Number(values.seed));
const draw = (below: number): number => Math.floor(random() * below);
const counts: Counts = {};
const states = new StateServer();
let streets = 0;
let broken = 0;

say(`campaign with the real program: seed ${values.seed}, ${values.minutes} minutes`);
do {
  streets++;
  try {
    await Street.live(draw, { counts, states, passedOver: values['pass-over'] });
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error;
    broken++;
    say(`BROKEN in street ${streets}: ${error.message}`);
  }
  say(`  ${Math.round((Date.now() - began) / 1000)} s: ${streets} streets, ${counts['runs'] ?? 0} runs`);
} while (Date.now() - began < Number(values.minutes) * MINUTE_MS && (broken === 0 || values['keep-going']));

await states[Symbol.asyncDispose]();
const figures = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
say(
  `${streets * VMS} VMs in ${streets} streets, ${Math.round((Date.now() - began) / 1000)} s: ${figures.map(([what, count]) => `${what} ${count}`).join(', ')}`,
);
say(broken === 0 ? '  no rule was broken' : `  BROKEN ${broken}`);
process.exitCode = broken === 0 ? 0 : 1;
