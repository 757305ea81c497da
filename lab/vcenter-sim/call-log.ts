/** One call as tests see it afterwards. Never holds arguments: Login would put a password here. */
export interface LoggedCall {
  readonly time: string;
  readonly method: string;
  readonly moref: string | undefined;
  readonly user: string | undefined;
  readonly operationId: string | undefined;
  /** Type of the fault, `dropped`, `http 502`… or undefined for a plain answer. */
  outcome: string | undefined;
}

const ENTRIES_MAX = 100_000;

export class CallLog {
  private calls: LoggedCall[] = [];

  add(call: LoggedCall): LoggedCall {
    this.calls.push(call);
    if (this.calls.length > ENTRIES_MAX) this.calls.shift();
    return call;
  }

  all(): readonly LoggedCall[] {
    return this.calls;
  }

  clear(): void {
    this.calls = [];
  }
}
