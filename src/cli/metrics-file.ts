import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { writeOutput } from '../host/output-file.js';
import { metricsText } from '../views/apply/metrics-text.js';

/** Readable for node_exporter, which runs as another user. */
const MODE = 0o644;

/** Notes how an apply ends, and writes it at its very end, however that comes. */
export class MetricsFile {
  private readonly beganMs = performance.now();
  private project = '';
  private ended: { readonly outcomes: readonly MigrationOutcome[]; readonly bytes: number } = { outcomes: [], bytes: 0 };

  constructor(private readonly path: string) {}

  of(project: string): void {
    this.project = project;
  }

  end(ended: { readonly outcomes: readonly MigrationOutcome[]; readonly bytes: number }): void {
    this.ended = ended;
  }

  /** Whole or not at all: whoever reads meanwhile sees what was there before. Gives why it could not be written. */
  async write(exitCode: number): Promise<string | undefined> {
    const { path, project, ended, beganMs } = this;
    const seconds = (performance.now() - beganMs) / 1000;
    try {
      await writeOutput(path, metricsText({ project, exitCode, endedAt: new Date(), seconds, ...ended }), MODE);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
