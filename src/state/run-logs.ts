import { basename, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../host/clock.js';
import { LogFile } from '../host/log-file.js';
import type { ProgramLog, ProgramLogs, StartedProgram } from '../host/program-logs.js';
import { withoutGiven } from '../host/secret.js';

/** Of one program on one disk, with what it was rotated to. */
const LOG_BYTES_MAX = 4 * 2 ** 20;
/** A line that does not end is cut: secrets are looked for in what is held back until its end. */
const LINE_CHARACTERS_MAX = 65_536;

export interface RunLogsOptions {
  /** Of the run's logs. */
  readonly folder: string;
  readonly clock: Clock;
  /** Once a run: logs are for people, and no reason to end work. */
  readonly onTrouble: (error: Error) => void;
  readonly bytesMax?: number;
}

interface Shared extends Required<RunLogsOptions> {
  readonly files: Map<string, OpenLog>;
}

interface OpenLog {
  readonly file: LogFile;
  starts: number;
  isTelling: boolean;
}

/** What the programs of a run say: `FOLDER/VM/PROGRAM.log`, of a disk `FOLDER/VM/disk-KEY.PROGRAM.log`; what belongs to no VM beside them. */
export class RunLogs implements ProgramLogs {
  private constructor(
    private readonly shared: Shared,
    private readonly parts: readonly string[],
  ) {}

  static open({ onTrouble, bytesMax = LOG_BYTES_MAX, ...rest }: RunLogsOptions): RunLogs {
    let isTold = false;
    const once = (error: Error): void => {
      if (!isTold) onTrouble(error);
      isTold = true;
    };
    return new RunLogs({ ...rest, bytesMax, onTrouble: once, files: new Map() }, []);
  }

  within(part: string): RunLogs {
    return new RunLogs(this.shared, [...this.parts, logName(part)]);
  }

  begin(program: StartedProgram): ProgramLog {
    const log = this.logOf(basename(program.program));
    return new StartedLog(program, log, this.shared.clock);
  }

  telling(): readonly string[] {
    const start = join(this.shared.folder, ...this.parts.slice(0, 1));
    const own = this.parts.length > 1 ? `${join(start, this.parts.slice(1).join('.'))}.` : `${start}/`;
    return [...this.shared.files].filter(([path, { isTelling }]) => isTelling && path.startsWith(own)).map(([path]) => path);
  }

  /** Resolves when what was said so far is in the files. */
  async settled(): Promise<void> {
    await Promise.all([...this.shared.files.values()].map(({ file }) => file.settled()));
  }

  private logOf(program: string): OpenLog {
    const { folder, files, bytesMax, onTrouble } = this.shared;
    const [vm, ...rest] = this.parts;
    const path = join(folder, ...(vm === undefined ? [] : [vm]), `${[...rest, logName(program)].join('.')}.log`);
    const log = files.get(path) ?? { file: new LogFile({ path, bytesMax, onTrouble }), starts: 0, isTelling: false };
    files.set(path, log);
    return log;
  }
}

/** As a file may be called: names come from manifests, and programs from the Project. */
export const logName = (name: string): string => encodeURIComponent(name).replace(/\./g, '%2E');

/** One start of one program; the lines of several that run at a time are told apart by its number. */
class StartedLog implements ProgramLog {
  private readonly decoder = new StringDecoder('utf8');
  private readonly number: number;
  private rest = '';
  private isStopped = false;

  constructor(
    private readonly program: StartedProgram,
    private readonly log: OpenLog,
    private readonly clock: Clock,
  ) {
    this.number = ++log.starts;
    this.lines([`--- started: ${[program.program, ...program.args].join(' ')}`]);
  }

  said(chunk: Buffer): void {
    this.tells();
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop()!;
    if (this.rest.length > LINE_CHARACTERS_MAX) lines.push(this.rest.slice(0, LINE_CHARACTERS_MAX));
    if (this.rest.length > LINE_CHARACTERS_MAX) this.rest = this.rest.slice(LINE_CHARACTERS_MAX);
    if (lines.length > 0) this.lines(lines);
  }

  stopping(): void {
    this.isStopped = true;
  }

  ended(status: number): void {
    if (status !== 0) this.tells();
    const how = this.isStopped ? `stopped, with status ${status}` : `ended with status ${status}`;
    this.lines([...(this.rest === '' ? [] : [this.rest]), `--- ${how}`]);
    this.rest = '';
  }

  private tells(): void {
    if (!this.isStopped) this.log.isTelling = true;
  }

  private lines(lines: readonly string[]): void {
    const start = `${this.clock.now().toISOString()} #${this.number} `;
    const clean = withoutGiven(lines.join('\n'), this.program.secrets);
    this.log.file.write(
      `${clean
        .split('\n')
        .map((line) => `${start}${line}\n`)
        .join('')}`,
    );
  }
}
