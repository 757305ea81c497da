import { forms } from './forms.js';
import { constant, object, tagged, text } from './shape.js';

const secretText = (description: string, examples: readonly string[]) => text({ ...forms.secret, description, examples });

const caFile = text({ description: 'PEM file with the authorities that its certificate may be from.', examples: ['ca.pem'] });

const localState = object(
  { required: { type: constant('local', { description: 'Files of one machine.' }) } },
  { description: 'In .migplan beside this file, or where MIGPLAN_DATA_DIR says: for one machine.' },
);

const pgState = object(
  {
    required: {
      type: constant('pg', { description: 'A PostgreSQL database.' }),
      url: secretText(
        'Where to find the URL of the database, such as postgresql://migplan@db.example.com/migplan?sslmode=verify-full, or with ?host=/run/postgresql for a Unix socket.',
        ['env:MIGPLAN_STATE_URL', 'file:/run/secrets/state-url'],
      ),
    },
    optional: {
      password: secretText('Where to find the password, when the URL has none.', ['env:MIGPLAN_STATE_PASSWORD']),
      schema: text({
        title: 'schema name of lower-case letters, digits and underscores',
        pattern: '^[a-z_][a-z0-9_]*$',
        maxLength: 63,
        default: 'migplan',
        description: 'Schema with the tables. It is made when it is not there.',
      }),
      name: text({
        ...forms.name,
        description: 'How this project is called there: projects of one schema need different names. Default: metadata.name.',
      }),
      caFile,
      lease: text({
        title: 'duration from 10s to 99m',
        pattern: '^([1-9][0-9]{1,2}s|[1-9][0-9]?m)$',
        default: '5m',
        examples: ['2m', '15m'],
        description:
          'A run that was not heard of for so long loses its VMs to another machine. One that cannot report for half of it stops copying.',
      }),
    },
  },
  { description: 'In a PostgreSQL database, for all machines that reach it. A lock is seen by all of them.' },
);

/** Where the state is kept. */
export const stateShape = tagged<StateDocument>('type', [localState, pgState], {
  description: 'Where ledgers, progress of plans and locks are kept. Default: type local.',
});

type StateDocument =
  | { readonly type: 'local' }
  | {
      readonly type: 'pg';
      readonly url: string;
      readonly password?: string;
      readonly schema?: string;
      readonly name?: string;
      readonly caFile?: string;
      readonly lease?: string;
    };
