import { forms } from './forms.js';
import { choice, constant, object, type TypeOf, tagged, text } from './shape.js';

const secretText = (description: string, examples: readonly string[]) => text({ ...forms.secret, description, examples });

const caFile = text({ description: 'PEM file with the authorities that its certificate may be from.', examples: ['ca.pem'] });

const password = secretText(
  'Where to find the password, where the URL of a database has none; GitLab takes a token with the scope api.',
  ['env:MIGPLAN_STATE_PASSWORD'],
);

const name = text({
  ...forms.name,
  description:
    'How this project is called there: projects of one schema or address need different names. Default: metadata.name.',
});

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
      password,
      schema: text({
        title: 'schema name of lower-case letters, digits and underscores',
        pattern: '^[a-z_][a-z0-9_]*$',
        maxLength: 63,
        default: 'migplan',
        description: 'Schema with the tables. It is made when it is not there.',
      }),
      name,
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

const addressText = (description: string, more = '') =>
  text({ ...forms.stateAddress, description, examples: [`${forms.stateAddress.examples[0]}${more}`] });

const httpState = object(
  {
    required: {
      type: constant('http', { description: "A server of Terraform's HTTP backend protocol, such as GitLab." }),
      address: addressText(
        'Address of one state, with {name} where its name goes: there is one for each VM and each saved plan.',
      ),
    },
    optional: {
      lockAddress: addressText('Address of its lock. Default: address.', '/lock'),
      unlockAddress: addressText('Where it is unlocked. Default: where it is locked.', '/lock'),
      lockMethod: choice(['LOCK', 'POST', 'PUT'], { description: 'How it is locked; GitLab: POST.', default: 'LOCK' }),
      unlockMethod: choice(['UNLOCK', 'DELETE', 'POST', 'PUT'], {
        description: 'How it is unlocked; GitLab: DELETE.',
        default: 'UNLOCK',
      }),
      user: text({
        description: 'User name, or env:NAME or file:/path to take it from there.',
        maxLength: 1024,
        examples: ['gitlab-ci-token'],
      }),
      password,
      name,
      caFile,
    },
  },
  { description: 'On a server, for all machines that reach it. A lock is seen by all of them.' },
);

/** Where the state is kept. */
export const stateShape = tagged<StateDocument>('type', [localState, pgState, httpState], {
  description: 'Where ledgers, progress of plans and locks are kept. Default: type local.',
});

type StateDocument = TypeOf<typeof localState> | TypeOf<typeof pgState> | TypeOf<typeof httpState>;
