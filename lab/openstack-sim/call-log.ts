/** One request the cloud answered. No headers and no bodies: they hold passwords and tokens. */
export interface CallRecord {
  /** Counts from 1 through the whole run. */
  readonly number: number;
  readonly service: string | undefined;
  readonly method: string;
  /** With query, as sent. */
  readonly path: string;
  /** 0 when the connection was dropped. */
  readonly status: number;
  readonly user: string | undefined;
  readonly project: string | undefined;
  readonly requestId: string | undefined;
  /** Id of the fault rule that fired. */
  readonly fault: string | undefined;
  /** Stack of an error in the simulator itself. */
  readonly bug: string | undefined;
}

const RECORDS_MAX = 50_000;

/** The calls answered so far, oldest first; beyond the limit the oldest are forgotten. */
export class CallLog {
  private records: CallRecord[] = [];
  private count = 0;

  add(record: Omit<CallRecord, 'number'>): void {
    this.records.push({ number: ++this.count, ...record });
    if (this.records.length > RECORDS_MAX) this.records = this.records.slice(-RECORDS_MAX / 2);
  }

  list(): readonly CallRecord[] {
    return this.records;
  }

  clear(): void {
    this.records = [];
  }
}
