import { forms } from './forms.js';
import { choice, count, listOf, object, recordOf, text } from './shape.js';
import { windowShape } from './window-shape.js';

const environmentText = text({ ...forms.name, description: 'What the plans of this project are for.', examples: ['production'] });

const freezeShape = object(
  {
    required: {
      start: text({ ...forms.time, description: 'When it begins, ISO 8601 with a zone.' }),
      end: text({ ...forms.time, description: 'When it is over, ISO 8601 with a zone.' }),
    },
  },
  { description: 'Time in which nothing is changed.' },
);

const commandShape = listOf(text({ description: 'The program, and each of its arguments.' }), {
  description:
    'Program that judges a plan, run without a shell in the folder of this file. It gets the plan as JSON on standard input and answers {"violations": [{"rule", "message", "address"}]}; anything else refuses the plan.',
  minItems: 1,
  examples: [['./policy/check', '--strict']],
});

/** What every plan has to keep to; the same in a Project and in a trust policy. */
export const policyShape = object(
  {
    optional: {
      environment: environmentText,
      phases: recordOf(
        listOf(choice(['seed', 'sync', 'cutover'], { description: 'A phase of manifests.' }), {
          description: 'Phases that this environment takes.',
        }),
        { keys: forms.name, description: 'Phases by environment. An environment that is not named takes none.' },
      ),
      cutovers: count({ minimum: 0, maximum: 10_000, description: 'VMs that one plan may cut over.' }),
      delta: text({
        ...forms.size,
        description: 'Largest delta of a disk: every delta needs a limits.delta of its manifest that is no larger.',
      }),
      windows: recordOf(windowShape, {
        keys: forms.name,
        description: 'Anything is changed in one of these windows only. A window of a manifest counts besides.',
      }),
      freezes: recordOf(freezeShape, { keys: forms.name, description: 'Times in which nothing is changed, by their name.' }),
      command: commandShape,
      commandTimeout: text({ ...forms.duration, default: '30s', description: 'How long the command may take.' }),
    },
  },
  { description: 'Rules for plans, looked at when a plan is made and again before anything of it is done.' },
);
