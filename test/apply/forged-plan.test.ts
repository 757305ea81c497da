import { describe, expect, test } from 'vitest';
import { checkCoverage, checkFacts, checkInputs, checkTargets } from '../../src/apply/check-plan.js';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import type { ProviderIdentity } from '../../src/contracts/provider.js';
import { selectMigrations } from '../../src/manifest/migration/select-migrations.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import { digestOf } from '../../src/plan/file/plan-file.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import { entries, header, samplePlan, worlds } from '../plan/sample-plan.js';

// What a forger does who knows how the digest is made: every field of a plan is deleted, given another type, emptied or given
// another value, one at a time. Apply refuses it, or it is one of the fields below that nothing is done by.
const harmless: readonly (readonly [RegExp, string])[] = [
  [/^plan\.(id|created_by)$/, 'names the plan; with another id it is one that was never begun'],
  [/^plan\.(created_at|expires_at)$/, 'an earlier time makes it expire earlier'],
  [/^tool\.migplan_version$/, 'who made it'],
  [/^inputs\.files(\.|$)/, 'told when the digest of the manifests differs, which is what counts'],
  [/^notes(\.|$)/, 'sentences'],
  [
    /^migrations\.\d+ \w+\.(notes|file|diagnostics)(\.|$)/,
    'told, not done; errors are counted, and what is blocked is planned again',
  ],
  [/^migrations\.\d+ \w+\.notCarried(\.|$)/, 'told, not done: what is made is in the actions'],
  [/^migrations\.\d+ \w+\.downtime\.lastDeltaSeconds$/, 'an estimate, of which nothing is decided'],
  [/^migrations\.\d+ idle\.facts\./, 'nothing is done for this VM'],
  [/\.\d+ (release-attachment|release-snapshot|discard-overlays)(\.|$)/, 'what dead runs left is removed, reviewed or not'],
  [/ create-server\.replaces$/, 'a server in ERROR of this very VM'],
  [/ sync\.(cycle|disks\.\d+\.forecast)(\.|$)/, 'derived from what is there now'],
  [/ sync\.(stage|disks\.\d+\.(mode|reason|partial|since|limitBytes))(\.|$)/, 'more was reviewed than is done'],
  [/ set-image-metadata\.(set|unset|before|bootable|machineTypeAsked)(\.|$)/, 'more was reviewed than is done'],
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

const planned = [entries.delta, entries.created, entries.cutover, entries.leftovers, entries.reset, entries.seeded];
const plan = samplePlan(planned);
const migrations = planned.map(({ address }) => worlds.get(address)!.desired);
const identities = new Map<string, ProviderIdentity>(header.targets.map(({ provider, ...identity }) => [provider, identity]));
const now = new Date('2026-06-01T13:00:00Z');
const fresh = new Map([...worlds].map(([address, { desired, observed }]) => [address, planAlone(desired, observed, { now })]));
const misfit = planMisfit();

/** What apply says before it does anything; empty: it goes on. */
function refusals(text: string): string[] {
  const reading = decodePlanFile(text, misfit);
  if (reading.kind !== 'plan') return [reading.kind];
  const read = reading.plan;
  const { selected } = selectMigrations(migrations, read.inputs.selected);
  const { config_digest: configDigest, files } = plan.inputs;
  const found = [
    ...checkInputs(read, now, { configDigest, files, settings: { variables: {} }, selected }),
    ...checkTargets(read, identities),
    ...checkFacts(read, fresh, undefined),
    ...checkCoverage(read, fresh, undefined),
  ];
  return found.map(({ code }) => code);
}

const paths = (value: Json, path: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([key, child]) => paths(child, [...path, Array.isArray(value) ? Number(key) : key])),
      ];

const others = (value: Json): Json[] => {
  if (typeof value === 'string') return ['', `${value}x`, 7, null];
  if (typeof value === 'number') return [value + 1, -1, 0.5, String(value)];
  if (typeof value === 'boolean') return [!value, 'true', null];
  if (Array.isArray(value)) return [[], {}, 'x'];
  return [{}, [], null];
};

const body = (({ digest: _, ...rest }) => JSON.parse(JSON.stringify(rest)) as Record<string, Json>)(plan);

/** Each change of one place in a part of the plan, with a digest that fits again. */
function* forgeries(part: Path): Generator<{ readonly place: string; readonly text: string }> {
  for (const path of paths(valueAt(body, part), part)) {
    for (const other of [undefined, ...others(valueAt(body, path))]) {
      const forged = structuredClone(body);
      const parent = valueAt(forged, path.slice(0, -1)) as Record<string | number, Json>;
      if (other !== undefined) parent[path.at(-1)!] = other;
      else if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
      else delete parent[path.at(-1)!];
      if (JSON.stringify(forged) === JSON.stringify(body)) continue;
      yield { place: placeOf(path), text: `${JSON.stringify({ ...forged, digest: digestOf(forged) }, null, 2)}\n` };
    }
  }
}

/** Parts that are worth a row of their own: the fields of the plan, and each of its migrations. */
const parts: Path[] = Object.keys(body).flatMap((key) =>
  key === 'migrations' ? [...plan.migrations.keys()].map((index) => [key, index]) : [[key]],
);

/** Actions with their kind; VMs that something is done for are busy. */
const placeOf = (path: Path): string =>
  path
    .map((key, index) => {
      const node = valueAt(body, path.slice(0, index + 1));
      if (path[index - 1] === 'actions') return `${key} ${(node as { kind: string }).kind}`;
      if (path[index - 1] === 'migrations') return `${key} ${(node as { actions: Json[] }).actions.length > 0 ? 'busy' : 'idle'}`;
      return key;
    })
    .join('.');

const valueAt = (root: Json, path: Path): Json =>
  path.reduce<Json>((node, key) => (node as Record<string | number, Json>)[key]!, root);

describe('a plan whose digest was made again', () => {
  test('as it was is not refused', () => {
    expect(refusals(`${JSON.stringify(plan, null, 2)}\n`)).toEqual([]);
  });

  test('without its migrations, or with none, is refused', () => {
    for (const migrations of [undefined, [], {}, null]) {
      const forged = { ...body, migrations };
      expect(refusals(`${JSON.stringify({ ...forged, digest: digestOf(forged) }, null, 2)}\n`)).not.toEqual([]);
    }
  });

  test.each(parts.map((part) => ({ part, name: part.join('.') })))(
    'with any one field of $name changed is refused',
    ({ part }) => {
      const accepted = new Set<string>();
      let tried = 0;
      for (const { place, text } of forgeries(part)) {
        tried++;
        if (refusals(text).length === 0) accepted.add(place);
      }
      expect(tried).toBeGreaterThan(2);
      expect([...accepted].filter((place) => !harmless.some(([pattern]) => pattern.test(place)))).toEqual([]);
    },
    60_000,
  );
});
