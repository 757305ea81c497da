import type { Diagnostic } from '../../diag/diagnostic.js';
import { statementsOf, tablesOf } from './pg-tables.js';

export interface PgRightsParts {
  readonly schema: string;
  readonly place: string;
  readonly rows: <R extends object>(text: string, values: readonly unknown[]) => Promise<R[]>;
}

interface Rights {
  /** A standby, or told to be read only. */
  readonly frozen: boolean;
  readonly made: boolean;
  readonly may_make: boolean;
}

/** What an administrator of the database runs for a user that may not make tables. */
export const makingSteps = (schema: string): readonly string[] => [
  `let an administrator of the database run: ${statementsOf(schema).join('; ')};`,
  `and: ${grantsOf(schema)}`,
];

const grantsOf = (schema: string): string =>
  `GRANT USAGE ON SCHEMA "${schema}" TO the user; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO the user;`;

/** Why this user could not begin or change the state there; nothing is changed to find out. Rejects with what `rows` does. */
export async function lackingRights({ schema, place, rows }: PgRightsParts): Promise<Diagnostic[]> {
  const { states, documents, locks } = tablesOf(schema);
  const [rights] = await rows<Rights>(
    `SELECT current_setting('transaction_read_only') = 'on' AS frozen, (SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest($1::text[]) AS name) AS made,
       CASE WHEN to_regnamespace($2) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
            ELSE has_schema_privilege(to_regnamespace($2)::oid, 'CREATE') END AS may_make`,
    [[states, documents, locks], `"${schema}"`],
  );
  const error = (detail: string, nextSteps: readonly string[]): Diagnostic[] => [
    { severity: 'error', code: 'MP3033', detail: `${place}: ${detail}`, nextSteps },
  ];
  if (rights?.frozen === true)
    return error('takes no writes, which an apply does: it is a standby, or read only for this user', [
      'name the server that takes writes in spec.state.url, or have it made writable',
    ]);
  if (rights?.made === false)
    return rights.may_make ? [] : error('this user may not make its tables, which the first apply does', makingSteps(schema));
  const [row] = await rows<{ readonly may: boolean }>(
    `SELECT bool_and(has_table_privilege(name, privilege)) AS may
     FROM unnest($1::text[]) AS name, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege`,
    [[states, documents, locks]],
  );
  if (row?.may === true) return [];
  return error('this user may read its tables, and not write them, which an apply does', [grantsOf(schema)]);
}
