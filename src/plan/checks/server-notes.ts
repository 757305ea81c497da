import type { PlanContext } from '../core/plan-context.js';
import { isServerWanted } from '../core/server-wanted.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Nova's, for every server. */
const TAGS_MAX = 50;
/** What the server is known by again. */
const OWN_ITEMS = 1;

/** Nova refuses to make a server with more notes than it keeps, which would show when its source is off. */
export function serverNotes({ desired, destination, observed: { catalog, server } }: PlanContext): TargetProblem[] {
  const made = isServerWanted(desired, server) ? destination?.server : undefined;
  const items = Object.keys(made?.metadata ?? {}).length + OWN_ITEMS;
  const tags = made?.tags?.length ?? 0;
  const { serverMetadataMax = Number.POSITIVE_INFINITY } = catalog.quota;
  return [
    ...(made !== undefined && items > serverMetadataMax
      ? [
          {
            code: 'MP2067',
            detail:
              `the server would get ${items} items of metadata, with that of migplan, and ${desired.target.provider} ` +
              `keeps ${serverMetadataMax} of a server`,
            nextSteps: [
              'write those that are needed as spec.target.server.metadata, in place of what the source has',
              'or have the quota of metadata items raised in the target project',
            ],
            field: 'spec.target.server.metadata',
          } as const,
        ]
      : []),
    ...(tags > TAGS_MAX
      ? [
          {
            code: 'MP2067',
            detail: `the server would get ${tags} tags, and Nova keeps ${TAGS_MAX} of a server`,
            nextSteps: ['write those that are needed as spec.target.server.tags'],
            field: 'spec.target.server.tags',
          } as const,
        ]
      : []),
  ];
}
