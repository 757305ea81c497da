import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import { decodePlanFile as decode } from '../../src/plan/file/decode-plan-file.js';
import { digestOf, encodePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import { flipped, type Json, parentOf, walk } from './json-leaves.js';
import { entries, header, samplePlan } from './sample-plan.js';

const misfit = planMisfit();
const decodePlanFile = (text: string) => decode(text, misfit);
const plan = samplePlan();
const text = encodePlanFile(plan);
const schema: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/plan.schema.json'), 'utf8'));

const copy = (): Record<string, Json> => JSON.parse(text) as Record<string, Json>;

const { leaves, objects } = walk(copy());

const refuses = (value: unknown): void => {
  expect(decodePlanFile(`${JSON.stringify(value, null, 2)}\n`).kind).toMatch(/^(altered|not-understood)$/);
};

/** What a forger does who knows how the digest is made. */
function forged(edit: (body: Record<string, Json>) => void): string {
  const body = copy();
  edit(body);
  const { digest: _, ...rest } = body;
  return `${JSON.stringify({ ...rest, digest: digestOf(rest) }, null, 2)}\n`;
}

const actionsOf = (body: Record<string, Json>): Record<string, Json>[] =>
  (body['migrations'] as { actions: Record<string, Json>[] }[]).flatMap(({ actions }) => actions);

describe('a plan file', () => {
  test('comes back as it was', () => {
    expect(decodePlanFile(text)).toEqual({ kind: 'plan', plan: JSON.parse(text) });
    expect(decodePlanFile(text.replaceAll('\n', '\r\n')).kind).toBe('plan');
  });

  test('the same inputs in another order give the same bytes', () => {
    const shuffled = samplePlan(Object.values(entries).reverse(), {
      files: [...header.files].reverse(),
      targets: [...header.targets].reverse(),
    });
    expect(encodePlanFile(shuffled)).toBe(text);
  });

  test('another time and id change the volatile block and the digest, nothing else', () => {
    const later = samplePlan(undefined, { id: 'other', createdAt: '2026-06-02T12:00:00.000Z' });
    const { plan: _, digest: __, timestamp: _time, ...rest } = later;
    const { plan: ___, digest: ____, timestamp: _before, ...before } = plan;
    expect(rest).toEqual(before);
  });

  test.each<[string, object]>([
    ['window', { window: { kind: 'cron', cron: 'x', durationSeconds: 60, timezone: 'UTC' } }],
    ['window', { window: { kind: 'cron', cron: '0 1 * * *', durationSeconds: 60, timezone: 'Nowhere' } }],
    ['window', { window: { kind: 'once', start: 'soon', end: '2026-06-01T12:00:00Z' } }],
    ['downtime', { downtime: undefined }],
    ['downtime', { downtime: { copy: 'none', converts: true } }],
    ['downtime', { downtime: { copy: 'delta', converts: false, lastDeltaSeconds: 1 } }],
  ])('a %s that says nothing, or something else than the actions, is refused: %j', (field, change) => {
    const reading = decodePlanFile(encodePlanFile(samplePlan([{ ...entries.cutover, ...change }])));
    expect(reading).toMatchObject({ kind: 'altered', why: expect.stringContaining(`the "${field}" of vm/win-fs1`) });
  });

  test('a flipped leaf is seen', () => {
    for (const path of leaves) {
      const root = copy();
      const parent = parentOf(root, path);
      parent[path.at(-1)!] = flipped(parent[path.at(-1)!]!);
      refuses(root);
    }
  });

  test('a removed or added key is seen', () => {
    fc.assert(
      fc.property(fc.constantFrom(...leaves), (path) => {
        const root = copy();
        const parent = parentOf(root, path);
        if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
        else delete parent[path.at(-1)!];
        refuses(root);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...objects), (path) => {
        const root = copy();
        const node = path.reduce<Json>((at, key) => (at as Record<string | number, Json>)[key]!, root) as Record<string, Json>;
        node['added'] = true;
        refuses(root);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, (body: Record<string, Json>) => void]>([
    [
      'summary',
      (body) => {
        body['summary'] = ['Plan: 0 to add, 0 to change, 0 to destroy.'];
      },
    ],
    [
      'resource_changes',
      (body) => {
        (body['resource_changes'] as Json[]).pop();
      },
    ],
    [
      'counts',
      (body) => {
        (body['counts'] as Record<string, Json>)['create'] = 0;
      },
    ],
    [
      'blocked',
      (body) => {
        body['blocked'] = [];
      },
    ],
    [
      'plan',
      (body) => {
        (body['plan'] as Record<string, Json>)['irreversible'] = false;
      },
    ],
    [
      'plan',
      (body) => {
        (body['plan'] as Record<string, Json>)['applyable'] = false;
      },
    ],
  ])('a forged %s with a digest that fits is refused', (field, edit) => {
    expect(decodePlanFile(forged(edit))).toEqual({ kind: 'altered', why: `its "${field}" does not say what its actions do` });
  });

  test('a summary written twice is refused: people read the first, programs the last', () => {
    const twice = text.replace('  "summary": [', '  "summary": ["nothing to see here"],\n  "summary": [');
    expect(JSON.parse(twice)).toEqual(JSON.parse(text));
    expect(decodePlanFile(twice)).toMatchObject({ kind: 'altered', why: expect.stringContaining('laid out') });
  });

  test.each([
    ['no JSON', '{'],
    ['another document', '{"kind":"Deployment"}'],
    ['null', 'null'],
    ['a plan of Terraform', '{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[]}'],
  ])('%s is not a plan', (_name, wrong) => {
    expect(decodePlanFile(wrong).kind).toBe('not-a-plan');
  });

  test.each<[string, string, RegExp]>([
    ['a later format', text.replace('"format_version": "1.2"', '"format_version": "2.0"'), /its format is 2\.0/],
    [
      'an earlier format',
      text.replace('"format_version": "1.2"', '"format_version": "1.0"'),
      /its format is 1\.0, this migplan reads 1\.2/,
    ],
    ['another kind', forged((body) => Object.assign(body, { kind: 'Deployment' })), /its kind must be equal to constant/],
    ['no kind', forged((body) => delete body['kind']), /its content must have required property 'kind'/],
    ['an action of a later version', forged((body) => Object.assign(actionsOf(body)[0]!, { kind: 'warm-up' })), /migrations\/\d/],
    [
      'a field of a later version',
      forged((body) => Object.assign(actionsOf(body)[0]!, { later: true })),
      /additional properties/,
    ],
  ])('%s is not understood', (_name, wrong, why) => {
    expect(decodePlanFile(wrong)).toEqual({ kind: 'not-understood', why: expect.stringMatching(why) });
  });

  test.each<[string, (plan: Record<string, Json>) => void, RegExp]>([
    [
      'that expires at no time',
      (made) => Object.assign(made, { expires_at: '2026-06-01T12:00:00:99Z' }),
      /"expires_at" is no time/,
    ],
    [
      'that expires later than it may',
      (made) => Object.assign(made, { expires_at: '2099-01-01T00:00:00.000Z' }),
      /"expires_at" is later/,
    ],
    ['made at no time', (made) => Object.assign(made, { created_at: '2026-02-31T00:00:00.000Z' }), /"created_at" is no time/],
  ])('a plan %s is refused, though its digest fits', (_name, edit, why) => {
    const wrong = forged((body) => {
      const made = body['plan'] as Record<string, Json>;
      edit(made);
      body['timestamp'] = made['created_at']!;
    });
    expect(decodePlanFile(wrong)).toEqual({ kind: 'altered', why: expect.stringMatching(why) });
  });

  test('a plan without targets, or with one twice, is refused, though its digest fits', () => {
    const targets = copy()['targets'] as Json[];
    for (const wrong of [[], [...targets, targets[0]!]]) {
      expect(decodePlanFile(forged((body) => Object.assign(body, { targets: wrong })))).toMatchObject({
        kind: 'altered',
        why: expect.stringContaining('"targets"'),
      });
    }
  });

  test('nesting without end is no plan', () => {
    const deep = `{"digest":"sha256:00","migrations":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(decodePlanFile(deep)).toEqual({ kind: 'not-understood', why: 'it is nested too deeply' });
  });

  test('a plan with a cutover lives shorter', () => {
    const hours = ({ plan: { created_at, expires_at } }: PlanFile) =>
      (Date.parse(expires_at) - Date.parse(created_at)) / 3_600_000;
    expect(hours(samplePlan([entries.delta]))).toBe(72);
    expect(hours(samplePlan([entries.delta, entries.cutover]))).toBe(12);
  });

  test('every plan fits its schema', () => {
    const validate = new Ajv({ allErrors: true, strict: true }).compile(schema as object);
    for (const one of [plan, samplePlan([]), ...Object.values(entries).map((entry) => samplePlan([entry]))]) {
      validate(JSON.parse(encodePlanFile(one)));
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});

describe('what others read', () => {
  test('GitLab’s report counts the same as the plan says', () => {
    const count = (word: string) => plan.resource_changes.filter(({ change }) => change.actions.includes(word as never)).length;
    expect({ create: count('create'), update: count('update'), delete: count('delete') }).toEqual({
      create: plan.counts.create,
      update: plan.counts.update,
      delete: 0,
    });
  });

  test('GitLab’s own jq expression', () => {
    const expression =
      '([.resource_changes[]?.change.actions?]|flatten)|{"create":(map(select(.=="create"))|length),"update":(map(select(.=="update"))|length),"delete":(map(select(.=="delete"))|length)}';
    const report: unknown = JSON.parse(execFileSync('jq', ['-c', expression], { input: text, encoding: 'utf8' }));
    expect(report).toEqual({ create: plan.counts.create, update: plan.counts.update, delete: 0 });
  });

  test('Atlantis and tfcmt find the summary', () => {
    const line = plan.summary[0]!;
    const atlantis = /Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/.exec(line);
    expect(atlantis?.slice(2)).toEqual([String(plan.counts.create), String(plan.counts.update), '0']);
    expect(line).toMatch(/^(Plan: \d|No changes.)/m);
    expect(line).not.toMatch(/([1-9][0-9]* to destroy.)/);
  });

  test('a blocked VM is not told to be in sync', () => {
    const blocked = plan.resource_changes.find(({ address }) => address === 'vm/crm-01/disk/2000');
    expect(blocked).toMatchObject({ change: { actions: ['no-op'] }, action_reason: 'blocked' });
  });
});
