import { expect } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';

/** One way of trying an advice: it fails unless what the advice names exists and leads out. */
export interface Trial {
  /** As the scan writes it: what varies is `<…>`. */
  readonly advice: string;
  readonly run: () => void | Promise<void>;
}

/** Whether this next step is an instance of that advice. */
export function isInstance(step: string, advice: string): boolean {
  const parts = advice.split('<…>').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(step);
}

/** The step that is an instance of the advice; fails when there is none. */
export function stepOf(steps: readonly string[], advice: string): string {
  const step = steps.find((one) => isInstance(one, advice));
  expect(step, `${advice}\nis not among\n${steps.join('\n')}`).toBeDefined();
  return step!;
}

/** What a refusal says to do; fails when the work is not refused. */
export async function refused(work: () => unknown): Promise<readonly string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]);
    if (error instanceof ProviderError) return error.details.nextSteps ?? [];
    throw error;
  }
  return expect.unreachable('nothing was refused');
}
