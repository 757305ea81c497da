import { notifyEvents, notifyEventsDefault } from '../../model/notify-events.js';
import { forms } from './forms.js';
import { choice, listOf, object, text } from './shape.js';

const webhookShape = object(
  {
    required: {
      url: text({
        ...forms.secret,
        description: 'Where to find the URL, which is a secret: whoever knows it can post.',
        examples: ['env:MIGPLAN_WEBHOOK', 'file:/run/secrets/webhook'],
      }),
    },
    optional: {
      timeout: text({ ...forms.duration, default: '10s', description: 'How long one request may take; three are made at most.' }),
      caFile: text({ description: 'PEM file with the authorities that its certificate may be from.', examples: ['ca.pem'] }),
    },
  },
  { description: 'URL that the notification is posted to, as JSON.' },
);

/** Who is told how an apply ended. */
export const notifyShape = object(
  {
    optional: {
      on: listOf(choice(notifyEvents, { description: 'How an apply may end.' }), {
        description: 'What is told. "unchanged": nothing was to be done.',
        minItems: 1,
        default: notifyEventsDefault,
      }),
      webhook: webhookShape,
      command: listOf(text({ description: 'The program, and each of its arguments.' }), {
        description:
          'Program that gets the notification as JSON on standard input, run without a shell in the folder of this file and without the secrets of the environment.',
        minItems: 1,
        examples: [['./tell', '--team', 'migration']],
      }),
      commandTimeout: text({ ...forms.duration, default: '30s', description: 'How long the command may take.' }),
    },
  },
  {
    description:
      'Who is told how an apply ended: a webhook, a command, or both. That it cannot be told never changes how it ended.',
  },
);
