import { asPatch } from './as-patch.js';
import { forms } from './forms.js';
import { migrationShape } from './migration-shape.js';
import { overlayFixed } from './overlay-fixed.js';
import { projectShape } from './project-shape.js';
import type { JsonSchema } from './shape.js';

type Properties = Readonly<Record<string, JsonSchema>>;

const propertiesOf = (schema: JsonSchema): Properties => schema['properties'] as Properties;

/** The document of an environment's overlay: what it says is merged over the Project and its manifests, and judged there. */
export function overlaySchema(): JsonSchema {
  const project = propertiesOf(projectShape.render('document'));
  const migration = propertiesOf(migrationShape.render('document'))['spec']!;
  const ofProject = Object.entries(propertiesOf(project['spec']!)).filter(([name]) => !overlayFixed.includes(name));
  const migrations = {
    type: 'object',
    description:
      'What is other in single manifests, by their names: merged over the spec of each. A window is replaced as a whole.',
    propertyNames: { type: 'string', ...forms.name },
    additionalProperties: { ...asPatch(migration), type: 'object' },
  };
  return {
    title: 'migplan Overlay',
    description: 'What is other in one environment: merged over the Project and its manifests (RFC 7386), null removes.',
    type: 'object',
    required: ['apiVersion', 'kind', 'spec'],
    properties: {
      apiVersion: project['apiVersion'],
      kind: { type: 'string', const: 'Overlay', description: 'One a file, named by an environment of the Project.' },
      metadata: { type: 'object', description: 'As you like.' },
      spec: {
        type: 'object',
        description: 'Fields of the Project’s spec, and migrations.',
        properties: { ...Object.fromEntries(ofProject.map(([name, schema]) => [name, asPatch(schema)])), migrations },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
}
