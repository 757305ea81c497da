export interface HttpAnswer {
  readonly status: number;
  /** Keys in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** The server, or something before it, is busy for a while. 500 is none of these: GitLab says it for a lock that was lost. */
const BUSY: readonly number[] = [429, 502, 503, 504];
export const isBusy = ({ status }: HttpAnswer): boolean => BUSY.includes(status);

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
