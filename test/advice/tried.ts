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
  expect(
    step,
    `${advice}\nis not among\n${steps.join('\n')}\nof: ${reasons.get(steps) ?? 'nothing that was refused'}`,
  ).toBeDefined();
  return step!;
}

/** Why each was refused, for when the steps are other ones than expected. */
const reasons = new WeakMap<readonly string[], string>();

/** What a refusal says to do; fails when the work is not refused. */
export async function refused(work: () => unknown): Promise<readonly string[]> {
  try {
    await work();
  } catch (error) {
    const steps = stepsOf(error);
    if (steps === undefined) throw error;
    reasons.set(steps, String(error));
    return steps;
  }
  return expect.unreachable('nothing was refused');
}

function stepsOf(error: unknown): readonly string[] | undefined {
  if (error instanceof DiagnosticsError) return error.diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]);
  if (error instanceof ProviderError) return [...(error.details.nextSteps ?? [])];
  return undefined;
}
