import { Document, isScalar, type Scalar, visit } from 'yaml';
import { hasUnprintable, printableYaml } from '../../diag/printable.js';
import type { Origin, RenderedConfig, RenderedDocument } from '../../engine/render-config.js';
import { placeText } from '../diagnostic-text.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `config` has to say. */
export interface ConfigView {
  rendered(config: RenderedConfig): void;
  /** A JSON text of ours. */
  schema(text: string): void;
}

/** Lines of YAML, each printable. */
interface Lines {
  readonly lines: readonly string[];
}

export function configView(options: ViewOptions): ConfigView {
  const { streams } = options;
  const { text, json } = selectView(options, {
    human: () => ({
      text: ({ lines }: Lines): void => streams.out(`${lines.join('\n')}\n`),
      json: (_: RenderedConfig): void => undefined,
    }),
    json: () => ({
      text: (_: Lines): void => undefined,
      json: (config: RenderedConfig): void => streams.out(`${jsonText({ format_version: '1.0', ...config }, 2)}\n`),
    }),
  });
  return {
    rendered(config) {
      text({ lines: configLines(config) });
      json(config);
    },
    schema: (schema) => streams.out(schema),
  };
}

const origins = {
  flag: 'from --var',
  'environment variable': 'from the environment of the process',
  environment: 'from the environment of the Project',
  default: 'its default',
  plan: 'from the plan',
} as const;

function configLines({ environment, variables, project, migrations }: RenderedConfig): string[] {
  const said = Object.entries(variables).map(([name, { value, origin }]) => `# ${name} = ${String(value)}  (${origins[origin]})`);
  const head = [...(environment === undefined ? [] : [`# environment ${environment}`]), ...said];
  const documents = [...(project ? [project] : []), ...migrations].map(documentLines);
  return [...head, ...documents.flatMap((lines) => ['---', ...lines])];
}

/** The document as YAML. Behind each value stands where it comes from. */
function documentLines({ value, origins: known }: RenderedDocument): string[] {
  const document = new Document(value);
  visit(document, {
    Scalar(key, node, ancestors) {
      quoteUnprintable(node);
      if (key === 'key') return;
      const origin = new Map(Object.entries(known)).get(pathOf(ancestors, node));
      if (origin !== undefined) node.comment = ` ${originText(origin)}`;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split('\n').map(printableYaml);
}

/** Only between double quotes can it be written in another way. */
function quoteUnprintable(node: Scalar): void {
  if (typeof node.value === 'string' && hasUnprintable(node.value)) node.type = 'QUOTE_DOUBLE';
}

/** Keys and numbers on the way to a node. */
function pathOf(ancestors: readonly unknown[], node: unknown): string {
  const steps = [...ancestors, node];
  return steps
    .flatMap((step, index) => {
      const parent = steps[index - 1] as { readonly items?: readonly unknown[] } | undefined;
      if (typeof step === 'object' && step !== null && 'key' in step && isScalar(step.key)) return [String(step.key.value)];
      const isItem = Array.isArray(parent?.items) && !(typeof step === 'object' && step !== null && 'key' in step);
      return isItem ? [String(parent.items.indexOf(step))] : [];
    })
    .join('.');
}

function originText({ source, variables }: Origin): string {
  const place = source === undefined ? 'default' : placeText(source).replace(/:\d+$/, '');
  return variables.length === 0 ? place : `${place}, variable ${variables.join(', ')}`;
}
