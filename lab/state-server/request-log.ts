/** One request the server met. No headers and no bodies: they hold passwords and states. */
export interface RequestRecord {
  /** Counts from 1 through the whole run. */
  readonly number: number;
  readonly method: string;
  /** With query, as sent. */
  readonly path: string;
  /** 0 when the connection was cut without an answer. */
  readonly status: number;
  /** Whom the server took the caller for. */
  readonly who: string | undefined;
  /** Id of the fault rule that fired. */
  readonly fault: string | undefined;
}

/** What to count; all conditions given must hold. */
export interface RequestFilter {
  readonly method?: string;
  readonly path?: RegExp;
  readonly status?: number;
}

/** The requests so far, oldest first. */
export class RequestLog {
  private readonly records: RequestRecord[] = [];
  private count = 0;

  add(record: Omit<RequestRecord, 'number'>): void {
    this.records.push({ number: ++this.count, ...record });
  }

  list(filter: RequestFilter = {}): readonly RequestRecord[] {
    return this.records.filter((record) => fits(record, filter));
  }

  /** How many there were. */
  counted(filter: RequestFilter = {}): number {
    return this.list(filter).length;
  }

  clear(): void {
    this.records.length = 0;
  }
}

const fits = (record: RequestRecord, { method, path, status }: RequestFilter): boolean =>
  (method === undefined || method === record.method) &&
  (path === undefined || record.path.search(path) >= 0) &&
  (status === undefined || status === record.status);
