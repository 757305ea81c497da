import type { CliResult } from '../../lab/harness/cli.js';

/** A run in the JSON of `runs list`. */
export interface ListedRun {
  readonly run: string;
  readonly host: string;
  readonly journal: string;
  readonly status: string;
  readonly exit?: number;
  readonly vms: readonly { readonly address: string }[];
}

/** The newest that was made on this host; undefined: there is none. */
export const newestMadeOn = (host: string, { stdout }: CliResult): ListedRun | undefined =>
  (JSON.parse(stdout) as { readonly runs: readonly ListedRun[] }).runs.find((run) => run.host === host);
