import { FailedStep } from '../diag/detailed-error.js';

/** A program that we started had not ended when its time was over; it is gone now. */
export class ProgramTimeout extends FailedStep<'MP6007'> {
  override readonly name = 'ProgramTimeout';

  constructor(program: string, timeoutMs: number) {
    const name = program.replace(/^.*\//, '');
    super({
      code: 'MP6007',
      call: name,
      detail: `it had not ended after ${Math.round(timeoutMs / 1000)} s, the time that it is given, and was stopped`,
      nextSteps: [
        'run the same plan again: what is complete is kept',
        `if it takes as long again, something that ${name} waits for does not answer: look at the storage and the network behind it`,
      ],
    });
  }
}
