import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot } from '../../lab/harness/project-root.js';
import { commandsOf, type Fence } from '../docs/fences.js';

/** Where somebody sits down to type. */
export interface Desk {
  readonly folder: string;
  /** Laid over this process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a command of the documents is typed here, where that is another way. */
type Spelling = (command: string) => string;

/** Ends that a command may come to where the document does not say how it ends. */
function goodEnds(command: string): number[] {
  if (command.includes('--detailed-exitcode')) return [0, 2];
  // The documents cannot know ids of locks, nor what was applied before: shared-state.e2e.test.ts asks for what there is.
  if (/^migplan (?:force-unlock|state (?:show|rm)) /.test(command)) return [0, 1];
  // Only what needs no approval was done.
  return command.includes('--auto-approve') ? [0, 6] : [0];
}

/** Types blocks of the documents into a real shell, command after command. */
export class Typist implements AsyncDisposable {
  private constructor(private readonly folder: string) {}

  static async hire(): Promise<Typist> {
    const typist = new Typist(await mkdtemp(join(tmpdir(), 'typist-')));
    await mkdir(typist.bin);
    await typist.program('migplan', `exec "${process.execPath}" "${projectRoot}/bin/run.js" "$@"`);
    // Tests run as root. The real one would take the environment away, and with it how long the package manager waits for its lock.
    await typist.program('sudo', 'exec "$@"');
    await writeFile(join(typist.folder, 'apt.conf'), 'DPkg::Lock::Timeout "300";\n');
    return typist;
  }

  /** Every command has to end well. The folder that a block ends in is where the next begins. */
  async type(desk: Desk, fences: readonly Fence[], spelling: Spelling = (command) => command): Promise<void> {
    let { folder } = desk;
    const { environment } = desk;
    for (const fence of fences) {
      const commands = commandsOf(fence).map(spelling);
      const { codes, output, end } = await this.run({ folder, environment }, commands);
      const failed = commands.flatMap((command, index) =>
        goodEnds(command).includes(codes[index] ?? -1) ? [] : [`${command}: exit code ${codes[index]}`],
      );
      expect(failed, `${fence.page}:${fence.line}\n${output}`).toEqual([]);
      folder = end;
    }
  }

  private get bin(): string {
    return join(this.folder, 'bin');
  }

  private program(name: string, script: string): Promise<void> {
    return writeFile(join(this.bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  private async run(
    { folder, environment }: Desk,
    commands: readonly string[],
  ): Promise<{ codes: number[]; output: string; end: string }> {
    const [log, end] = ['codes', 'end'].map((name) => join(this.folder, name));
    await rm(log!, { force: true });
    const script = [...commands.map((command) => `${command}\necho $? >> '${log}'`), `pwd > '${end}'`].join('\n');
    const env = { ...process.env, NO_COLOR: '1', APT_CONFIG: join(this.folder, 'apt.conf'), ...environment };
    const path = [this.bin, environment['PATH'] ?? process.env['PATH']].join(':');
    const child = spawn('bash', ['-c', script], { cwd: folder, env: { ...env, PATH: path }, stdio: ['pipe', 'pipe', 'pipe'] });
    // What is asked for by `read`; most commands do not ask.
    child.stdin.on('error', () => undefined).end('typed-password\n');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    const written = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim();
    return { codes: (await written(log!)).split('\n').map(Number), output, end: await written(end!) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
