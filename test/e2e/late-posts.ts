import { expect } from 'vitest';
import { startCli } from '../../lab/harness/cli.js';
import { HoldingProxy } from '../../lab/harness/holding-proxy.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { migplan } from './steps.js';

/** The last word of the path that is posted to. */
export type Made = 'volumes' | 'ports' | 'servers';

/**
 * A run of plan.json dies while its first request to make one of these is on its way; the cloud carries it out right before it gets the
 * same request of the next run, which succeeds. Resolves with how the cloud answered the two, and what further ones there were.
 */
export async function dieWhilePosting(project: LabProject, made: Made): Promise<readonly number[]> {
  await using proxy = await HoldingProxy.start({ method: 'POST', pathEnds: `/${made}` });
  const first = startCli(project, ['apply', 'plan.json'], { env: proxy.environment });
  const ended = first.finished.then(() => expect.unreachable(`it ended:\n${first.told()}`));
  await Promise.race([proxy.holds, ended]);
  first.child.kill('SIGKILL');
  ended.catch(() => undefined);
  await first.finished;
  await migplan(project, ['apply', 'plan.json'], { env: proxy.environment });
  return proxy.answers;
}
