import { grouped } from '../../model/grouped.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';
import type { Graph, GraphEdge, GraphNode } from './graphs.js';

/** What `graph` has to say. */
export interface GraphView {
  graph(graph: Graph): void;
}

export const graphView = (options: ViewOptions): GraphView => selectView(options, { human: humanView, json: jsonView });

const jsonView = ({ streams }: ViewOptions): GraphView => ({
  graph: (graph) => streams.out(`${jsonText({ format_version: '1.0', ...graph }, 2)}\n`),
});

const humanView = ({ streams }: ViewOptions): GraphView => ({
  graph({ nodes, edges }) {
    const waves = [...new Set(nodes.flatMap(({ wave }) => wave ?? []))].sort();
    const ofWave = grouped(nodes, ({ wave }) => [wave]);
    const of = (wave: string | undefined): string[] => (ofWave.get(wave) ?? []).map(nodeLine);
    const clusters = waves.flatMap((wave, index) => [
      `  subgraph "cluster_${index}" {`,
      `    label=${quoted(`wave ${wave}`)};`,
      ...of(wave).map((line) => `  ${line}`),
      '  }',
    ]);
    const lines = ['digraph migplan {', '  rankdir=LR;', ...clusters, ...of(undefined), ...edges.map(edgeLine), '}'];
    streams.out(`${lines.join('\n')}\n`);
  },
});

const shapes: { readonly [K in GraphNode['kind']]: string } = {
  vm: 'box3d',
  disk: 'cylinder',
  step: 'box',
  window: 'note',
  provider: 'folder',
};

const colours: { readonly [S in NonNullable<GraphNode['state']>]: string } = {
  irreversible: 'red',
  blocked: 'orange',
  unchanged: 'grey',
};

const nodeLine = ({ id, kind, label, state }: GraphNode): string =>
  `  ${quoted(id)} [label=${quoted(label)}, shape=${shapes[kind]}${state === undefined ? '' : `, color=${colours[state]}`}];`;

const styles: { readonly [K in GraphEdge['kind']]: string } = {
  has: 'dotted',
  next: 'solid',
  writes: 'dashed',
  when: 'dotted',
  moves: 'solid',
};

const edgeLine = ({ from, to, kind }: GraphEdge): string => `  ${quoted(from)} -> ${quoted(to)} [style=${styles[kind]}];`;

/** In DOT only a quote is escaped in a text; a backslash is, too, by what draws labels. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
