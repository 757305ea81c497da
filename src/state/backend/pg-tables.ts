/** The layout below, as `states.version` has it. */
export const PG_VERSION = 1;

/** Of a schema that was looked at before: every name is qualified, whatever search_path is. */
export const tablesOf = (schema: string) => ({
  states: `"${schema}".states`,
  documents: `"${schema}".documents`,
  locks: `"${schema}".locks`,
});

export type Tables = ReturnType<typeof tablesOf>;

/** What an administrator runs where the user may not: one statement a line. */
export function statementsOf(schema: string): string[] {
  const { states, documents, locks } = tablesOf(schema);
  const named = 'project text NOT NULL, kind text NOT NULL, name text NOT NULL';
  return [
    `CREATE SCHEMA IF NOT EXISTS "${schema}"`,
    `CREATE TABLE IF NOT EXISTS ${states} (project text PRIMARY KEY, version integer NOT NULL, lineage text NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${documents} (${named}, serial bigint NOT NULL, body text NOT NULL, written timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (project, kind, name))`,
    `CREATE TABLE IF NOT EXISTS ${locks} (${named}, number bigint NOT NULL, id text, holder text, former text, lease_ms bigint NOT NULL, taken timestamptz NOT NULL DEFAULT now(), heard timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (project, kind, name))`,
  ];
}
