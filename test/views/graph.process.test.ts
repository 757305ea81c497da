import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { manifestGraph, planGraph } from '../../src/views/graph/graphs.js';
import { graphView } from '../../src/views/graph/view.js';
import { named, samplePlan, worlds } from '../plan/sample-plan.js';
import { RecordingStreams, viewOptions } from './streams.js';

const dotOf = (graph: Parameters<ReturnType<typeof graphView>['graph']>[0]): string => {
  const streams = new RecordingStreams();
  graphView(viewOptions(streams, { format: 'human' })).graph(graph);
  return streams.text;
};

/** What Graphviz makes of it: names and labels as they would be drawn. Throws where it is no DOT. */
const read = (dot: string): { objects?: { name: string; label: string }[]; edges?: unknown[] } =>
  JSON.parse(execFileSync('dot', ['-Tdot_json'], { input: dot, encoding: 'utf8' }));

describe('a graph', () => {
  test('of every sort of VM in a plan, read by Graphviz: all disks, all steps, in their order', async () => {
    const plan = samplePlan();
    const dot = dotOf(planGraph(plan));
    await expect(dot).toMatchFileSnapshot('../golden/graph.dot.txt');
    const { objects = [], edges = [] } = read(dot);
    const names = objects.map(({ name }) => name);
    for (const { address, actions, disks } of plan.migrations) {
      expect(names).toContain(address);
      for (const [index] of actions.entries()) expect(names).toContain(`${address}/step/${index + 1}`);
      for (const disk of disks) expect(names).toContain(`${address}/disk/${disk}`);
    }
    expect(edges.length).toBeGreaterThan(plan.migrations.length);
    expect(dotOf(planGraph({ ...plan, migrations: [...plan.migrations] }))).toBe(dot);
  });

  test('of manifests: where VMs come from and go to, with waves and windows', () => {
    const desired = [...worlds.values()].map((world) => world.desired);
    const { objects = [] } = read(dotOf(manifestGraph(desired)));
    const labels = objects.map(({ label }) => label);
    expect(labels).toContain('wave 10');
    expect(labels.filter((label) => label?.startsWith('weekend')).length).toBe(1);
    expect(dotOf(manifestGraph(desired.toReversed()))).toBe(dotOf(manifestGraph(desired)));
  });

  test.each(['a"b', 'a\\', 'a\\"', '\\n\\N\\G', 'a\nb', '"];x [label="y', '<b>x</b>', '{a|b}', '\u202eevil', ''])(
    'a name is a name, whatever is in it: %j',
    (name) => {
      const wave = { labels: { wave: name }, name, address: `vm/${name}` };
      const { objects = [] } = read(dotOf(manifestGraph([named('x', wave)])));
      // A wave, a VM, and two providers.
      expect(objects).toHaveLength(4);
    },
  );
});
