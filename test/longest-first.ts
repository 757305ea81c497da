import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of more than a minute, longest first; one that is missing here is only begun later. */
const LONGEST = [
  'test/e2e/ssh-host.e2e.test.ts',
  'test/e2e/kill.e2e.test.ts',
  'test/convert/convert.process.test.ts',
  'test/e2e/wire-faults.e2e.test.ts',
  'test/e2e/ansible.e2e.test.ts',
  'test/e2e/cutover.e2e.test.ts',
  'test/e2e/nova-access.e2e.test.ts',
  'test/e2e/main-job.e2e.test.ts',
  'test/e2e/images.e2e.test.ts',
  'test/docs/touched-files.process.test.ts',
  'test/advice/machine.process.test.ts',
  'test/e2e/bad-input.e2e.test.ts',
  'test/e2e/old-cloud-clones.e2e.test.ts',
  'test/providers/openstack/ssh-host.process.test.ts',
];

/**
 * The order in which files are begun: those that take longest first, so that none of them is at work alone when all others are
 * done. Without a run before, as in a fresh clone, vitest itself only knows how large the files are.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const listed = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return listed === -1 ? LONGEST.length : listed;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
