import type { CliOptions } from '../harness/cli.js';
import type { LabProject } from '../harness/lab-project.js';
import { otherMachine } from '../harness/other-machine.js';
import { type Postgres, startPostgres } from '../postgres/index.js';

/** As short as a Project may have it. */
const LEASE = '10s';

/** A PostgreSQL for all streets whose machines share their state; started when the first of them needs it. */
export class StateServer implements AsyncDisposable {
  private started: Promise<Postgres> | undefined;
  private streets = 0;

  /** `reaches`: ports that the street's machines must reach. */
  async open(reaches: readonly number[]): Promise<SharedState> {
    this.started ??= startPostgres();
    return new SharedState(await this.started, `street-${++this.streets}`, reaches);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.started)?.close();
  }
}

/** One state for the machines of a street, each of which is a host with a network of its own. */
export class SharedState {
  constructor(
    readonly server: Postgres,
    private readonly project: string,
    private readonly reaches: readonly number[],
  ) {}

  join(machine: LabProject): Promise<void> {
    const state = `  state: {type: pg, url: "env:STATE_URL", lease: ${LEASE}, name: ${this.project}}`;
    return machine.edit('migplan.yaml', (text) => text.replace('spec:\n', `spec:\n${state}\n`));
  }

  /** How the program is started on this machine. */
  options(at: 0 | 1): CliOptions {
    return { env: { STATE_URL: this.server.url }, through: otherMachine(`machine-${'ab'[at]}`, { reaches: this.reaches }) };
  }

  /** Of VMs, one line each; '' for none. */
  locks(): Promise<string> {
    return this.server.psql(
      `SELECT 'lock of ' || name FROM migplan.locks WHERE project = '${this.project}' AND kind = 'vms' AND id IS NOT NULL`,
    );
  }

  /** Of all locks. */
  async ids(): Promise<string[]> {
    const ids = await this.server.psql(
      `SELECT id FROM migplan.locks WHERE project = '${this.project}' AND id IS NOT NULL ORDER BY id`,
    );
    return ids === '' ? [] : ids.split('\n');
  }
}
