import type { Bench } from '../harness/bench.js';
import { type CliResult, type RunningCli, runCli, startCli } from '../harness/cli.js';
import { volumeEqualsSnapshot } from '../harness/compare.js';
import type { LabProject } from '../harness/lab-project.js';

export interface TableRow {
  readonly vm: string;
  readonly phase: string;
  readonly bytes: string;
  readonly seconds: string;
  readonly proof: string;
}

/** Prints what happens, runs the real CLI, and fails on the first expectation that does not hold. */
export class Stage {
  readonly rows: TableRow[] = [];
  private readonly began = Date.now();

  constructor(
    readonly bench: Bench,
    readonly project: LabProject,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  title(text: string): void {
    const at = Math.round((Date.now() - this.began) / 1000);
    this.print(`\n\n━━━ ${text} (${at}s) ${'━'.repeat(Math.max(3, 90 - text.length))}\n\n`);
  }

  say(text: string): void {
    this.print(`# ${text}\n`);
  }

  /** Prints the command, then its output as it comes, and checks the exit code. */
  async migplan(args: readonly string[], exit = 0): Promise<CliResult & { readonly seconds: number }> {
    this.print(`\n$ migplan ${args.join(' ')}\n\n`);
    const began = Date.now();
    const result = await runCli(this.project, args, { env: this.env, onOutput: (text) => this.print(text) });
    this.expect(result.code === exit, `migplan ${args[0]} exits ${exit}, and exited ${result.code ?? result.signal}`);
    return { ...result, seconds: (Date.now() - began) / 1000 };
  }

  start(args: readonly string[]): RunningCli {
    this.print(`\n$ migplan ${args.join(' ')}\n\n`);
    return startCli(this.project, args, { env: this.env, onOutput: (text) => this.print(text) });
  }

  expect(claim: boolean, what: string): void {
    if (!claim) throw new Error(`the demo expected: ${what}`);
  }

  expectText(result: CliResult, ...texts: readonly string[]): void {
    for (const text of texts) this.expect(`${result.stdout}${result.stderr}`.includes(text), `the output to say "${text}"`);
  }

  /** Source snapshot == volume, compared outside of migplan. Returns the bytes compared. */
  async prove(vm: string, ...disks: readonly number[]): Promise<number> {
    let bytes = 0;
    for (const disk of disks) {
      const proof = await volumeEqualsSnapshot(this.bench, vm, disk);
      this.expect(proof.difference === undefined, `volume ${vm}-${disk} to equal the snapshot at ${proof.changeId}`);
      this.say(`volume ${vm}-${disk} == source snapshot …${proof.changeId.slice(-8)}: ${proof.bytes} bytes compared, identical`);
      bytes += proof.bytes;
    }
    return bytes;
  }

  async isOn(vm: string): Promise<boolean> {
    const { power } = (await this.bench.source.control.vm({ vm } as never)) as { power: string };
    return power === 'poweredOn';
  }

  /** Nothing may be left on either side. */
  async expectNoLeftovers(): Promise<void> {
    const left = await this.bench.leftovers();
    this.expect(left.length === 0, `nothing to be left (there is: ${left.join(', ')})`);
    this.say('left behind: no snapshot, no reader, no attachment');
  }

  table(): void {
    const heads: TableRow = { vm: 'VM', phase: 'phase', bytes: 'bytes moved', seconds: 'seconds', proof: 'proof' };
    const columns = ['vm', 'phase', 'bytes', 'seconds', 'proof'] as const;
    const all = [heads, ...this.rows];
    const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)));
    for (const [index, row] of all.entries()) {
      this.print(
        `${columns
          .map((column, i) => row[column].padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
      );
      if (index === 0) this.print(`${widths.map((width) => '─'.repeat(width)).join('  ')}\n`);
    }
    this.print(`\nTotal: ${Math.round((Date.now() - this.began) / 1000)} s\n`);
  }

  private print(text: string): void {
    process.stdout.write(text);
  }
}
