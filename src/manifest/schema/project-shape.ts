import { forms } from './forms.js';
import { apiVersionShape, specShape } from './migration-shape.js';
import { notifyShape } from './notify-shape.js';
import { policyShape } from './policy-shape.js';
import { providerShape } from './provider-shapes.js';
import { constant, count, listOf, object, recordOf, type Shape, type TypeOf, tagged, text } from './shape.js';
import { stateShape } from './state-shape.js';
import { environmentsShape, variablesShape } from './variables-shape.js';
import { windowShape } from './window-shape.js';

const conversionHostShape = tagged<{ readonly executor: 'local' } | { readonly executor: 'ssh'; readonly host: string }>(
  'executor',
  [
    object(
      { required: { executor: constant('local', { description: 'On this machine.' }) } },
      { description: 'Copies and conversions run on this machine.' },
    ),
    object(
      {
        required: {
          executor: constant('ssh', { description: 'On another machine, through the system ssh.' }),
          host: text({ description: 'Host as ssh knows it.', maxLength: 255, pattern: '^[^-\\s]\\S*$', title: 'ssh host' }),
        },
      },
      { description: 'Copies and conversions run on another machine.' },
    ),
  ],
  { description: 'Where copies and conversions run. Default: executor local.' },
);

const limitsShape = object(
  {
    optional: {
      transfers: count({
        minimum: 1,
        maximum: 64,
        default: 2,
        description:
          'Disks of one VM that are copied at the same time. How many VMs are worked on at once is --parallelism of apply.',
      }),
      rateFile: text({
        description:
          'File with the bits per second that reading one source disk may take, such as 800M, where nbdkit reads it (VMware). Read again while copies run; absent or empty: no limit. What nbdkit does not understand (10MiB, 80 M) is refused before a disk is read.',
        examples: ['/etc/migplan/rate'],
      }),
      batch: text({
        ...forms.size,
        default: '8GiB',
        description: 'After this much copied data comes a flush and a checkpoint: what an interruption loses at most.',
      }),
    },
  },
  { description: 'How much is done at once.' },
);

/** In the Project, defaults are written as in a Migration but with nothing required. */
const defaultsShape: Shape<Readonly<Record<string, unknown>>> = {
  render: () => ({
    ...specShape.render('defaults'),
    description: 'Merged under the spec of every Migration: objects are merged, lists and the window replaced, null removes.',
  }),
};

export const projectShape = object(
  {
    required: {
      apiVersion: apiVersionShape,
      kind: constant('Project', { description: 'One a project, in migplan.yaml.' }),
      metadata: object(
        { required: { name: text({ ...forms.name, description: 'How the project is called in plans.' }) } },
        { description: 'How this document is called.' },
      ),
      spec: object(
        {
          required: {
            providers: recordOf(providerShape, {
              keys: forms.name,
              description: 'vCenters and clouds by the name manifests use.',
            }),
          },
          optional: {
            conversionHost: conversionHostShape,
            include: listOf(text({ ...forms.glob, description: 'Pattern with *, ** and ?.' }), {
              description: 'Files with Migration documents. Default: manifests/**/*.yaml and manifests/**/*.yml.',
              minItems: 1,
            }),
            defaults: defaultsShape,
            windows: recordOf(windowShape, { keys: forms.name, description: 'Maintenance windows by the name manifests use.' }),
            limits: limitsShape,
            variables: variablesShape,
            environments: environmentsShape,
            policy: policyShape,
            notify: notifyShape,
            state: stateShape,
            trust: text({
              maxLength: 4096,
              description:
                'File with the trust policy (kind TrustPolicy) that plans of this project are held to. --trust and MIGPLAN_TRUST are stronger, and refuse plans of a Project that names another one.',
              examples: ['/etc/migplan/trust.yaml'],
            }),
          },
        },
        { description: 'What all migrations of this project share.' },
      ),
    },
  },
  { title: 'migplan Project', description: 'The file migplan.yaml: providers, defaults and where the manifests are.' },
);

export type ProjectDocument = TypeOf<typeof projectShape>;
