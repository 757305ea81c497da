import { forms } from './forms.js';
import { choice, object, recordOf, scalar, text } from './shape.js';

export const variableValue = scalar({
  description: 'Text, a number, or true or false.',
  maxLength: forms.variableValue.maxLength,
});

const variableShape = object(
  {
    optional: {
      default: variableValue,
      description: text({ description: 'What it is for.', maxLength: 1000 }),
      type: choice(['string', 'number', 'boolean'], {
        description: 'What values are. Default: what the default is; string without one.',
      }),
    },
  },
  { description: 'One variable. Without a default it needs a value wherever it is used.' },
);

/** Values that differ from run to run or from environment to environment: `${var.NAME}` in any text. Never for secrets. */
export const variablesShape = recordOf(variableShape, {
  keys: forms.variable,
  description:
    'Variables, used as ${var.NAME} in texts of the Project and of manifests. Not for secrets: those are env:NAME or file:PATH.',
});

const environmentShape = object(
  {
    optional: {
      overlay: text({
        ...forms.projectFile,
        description: 'File with a document of kind Overlay, whose spec is merged over that of the Project (RFC 7386).',
      }),
      variables: recordOf(variableValue, { keys: forms.variable, description: 'Values of variables in this environment.' }),
    },
  },
  { description: 'What is different in one environment.' },
);

export const environmentsShape = recordOf(environmentShape, {
  keys: forms.name,
  description: 'Environments by the name that --env or MIGPLAN_ENV chooses.',
});
