export interface HttpAnswer {
  readonly status: number;
  /** Keys in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** There is no whole answer. What was asked may have been done all the same. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(
    readonly place: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
