import type { Writable } from 'node:stream';
import { withoutControls } from '../diag/printable.js';
import { withoutSecrets } from '../host/secret.js';

/** The only door to the terminal. Tests pass one that keeps what it is given. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person sees the stream, so that lines may be rewritten and coloured. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** What became of output that somebody may rely on. */
export interface OutputLoss {
  /**
   * Why standard output did not take everything (`ENOSPC`, `EIO`); undefined when it did, or when its reader went away on
   * purpose, as `head` does.
   */
  lost(): string | undefined;
}

type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

const COLUMNS_DEFAULT = 100;
const ROWS_DEFAULT = 24;

/**
 * A stream that cannot be written to any more goes mute: a closed terminal or a full disk must not end a run that holds
 * snapshots and attachments. Listeners that throw, such as those of the command line framework, are taken away.
 */
export function openStreams(stdout: Terminal, stderr: Terminal): Streams & OutputLoss {
  const out = new MutableStream(stdout);
  const err = new MutableStream(stderr);
  return {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    get outIsTerminal() {
      return stdout.isTTY === true;
    },
    get errIsTerminal() {
      return stderr.isTTY === true;
    },
    get columns() {
      return stdout.columns || COLUMNS_DEFAULT;
    },
    get rows() {
      return stdout.rows || ROWS_DEFAULT;
    },
    lost: () => (out.broken === 'EPIPE' ? undefined : out.broken),
  };
}

class MutableStream {
  /** Code of the error that ended it. */
  broken: string | undefined;

  constructor(private readonly stream: Terminal) {
    stream.removeAllListeners('error');
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      this.broken ??= code ?? message;
    });
  }

  write(text: string): void {
    if (this.broken === undefined) this.stream.write(withoutControls(withoutSecrets(text)));
  }
}

let opened: (Streams & OutputLoss) | undefined;

/** Opened when first used: what is loaded before may listen to them as well. */
const own = (): Streams & OutputLoss => {
  opened ??= openStreams(process.stdout, process.stderr);
  return opened;
};

/** Those of this process. */
export const processStreams: Streams & OutputLoss = {
  out: (text) => own().out(text),
  err: (text) => own().err(text),
  get outIsTerminal() {
    return own().outIsTerminal;
  },
  get errIsTerminal() {
    return own().errIsTerminal;
  },
  get columns() {
    return own().columns;
  },
  get rows() {
    return own().rows;
  },
  lost: () => own().lost(),
};
