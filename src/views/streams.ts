/** The only door to the terminal. Tests pass one that keeps what it is given. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person sees the stream, so that lines may be rewritten and coloured. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
}

const COLUMNS_DEFAULT = 100;

export const processStreams: Streams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get outIsTerminal() {
    return process.stdout.isTTY === true;
  },
  get errIsTerminal() {
    return process.stderr.isTTY === true;
  },
  get columns() {
    return process.stdout.columns ?? COLUMNS_DEFAULT;
  },
};
