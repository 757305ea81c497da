import type { Diagnostic } from '../../diag/diagnostic.js';
import type { LocatedDocument } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { problem, quoted } from '../base/problem.js';
import { apiVersion } from '../schema/migration-shape.js';
import { overlayFixed } from '../schema/overlay-fixed.js';
import { fieldsAt } from './project-variables.js';

export interface ChosenEnvironment {
  readonly name?: string;
  /** File of its overlay, below the project folder. */
  readonly overlay?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The environment of this name. An empty one, as of a variable of a pipeline that is set to nothing, chooses none; where there are some
 * it is a mistake: what was meant for one of them would go by the Project alone. `isSaved`: a plan names it.
 */
export function chooseEnvironment(
  project: LocatedDocument | undefined,
  name: string | undefined,
  isSaved: boolean,
): ChosenEnvironment {
  const known = Object.keys(fieldsAt(project, ['spec', 'environments']));
  if (name === undefined || (name === '' && known.length === 0)) return { diagnostics: [] };
  if (name === '') return { diagnostics: [emptyName(known)] };
  if (!known.includes(name)) return { diagnostics: [isSaved ? environmentGone(name) : unknownEnvironment(name, known)] };
  const { overlay } = fieldsAt(project, ['spec', 'environments', name]);
  return { name, ...(typeof overlay === 'string' && { overlay }), diagnostics: [] };
}

const emptyName = (known: readonly string[]): Diagnostic =>
  problem('MP1046', undefined, {
    detail: 'the name of the environment is empty (--env, or else MIGPLAN_ENV), and the Project has some',
    nextSteps: [`Choose one of: ${known.join(', ')}`, 'For none of them, leave --env out, and run: unset MIGPLAN_ENV'],
  });

const environmentGone = (name: string): Diagnostic =>
  problem('MP3030', undefined, {
    detail: `the plan was made for environment ${quoted(name)}, and the Project has no such environment any more; nothing was changed`,
    nextSteps: [
      `declare it again in the Project, as it was: environments: {${name}: {overlay: FILE, variables: {}}}`,
      'make a new plan: migplan plan --out plan.json',
    ],
  });

function unknownEnvironment(name: string, known: readonly string[]): Diagnostic {
  const meant = nearest(name, known);
  return problem('MP1046', undefined, {
    detail: `the Project has no environment ${quoted(name)}`,
    nextSteps: [
      ...(meant ? [`Did you mean ${meant}?`] : []),
      known.length === 0
        ? 'Declare it in the Project: environments: {NAME: {overlay: overlays/NAME.yaml}}'
        : `Environments of the Project: ${known.join(', ')}`,
    ],
  });
}

/** Whether a document is an overlay; what is wrong with one is told by overlayProblems. */
export const isOverlay = ({ value }: LocatedDocument): boolean =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Overlay';

/** What is wrong with the document of an overlay, before its spec is merged and judged with the Project. */
export function overlayProblems(document: LocatedDocument): Diagnostic[] {
  const fields = fieldsAt(document, []);
  const { spec } = fields;
  const unknown = Object.keys(fields).filter((name) => !['apiVersion', 'kind', 'metadata', 'spec'].includes(name));
  if (!isOverlay(document) || fields['apiVersion'] !== apiVersion || unknown.length > 0 || spec === undefined) {
    const detail = 'an overlay is one document with apiVersion, kind: Overlay and spec (metadata if you like), and nothing else';
    return [
      problem('MP1008', document.rangeOf([]), { detail, nextSteps: [`Write: apiVersion: ${apiVersion}, kind: Overlay, spec`] }),
    ];
  }
  return overlayFixed
    .filter((name) => Object.hasOwn(fieldsAt(document, ['spec']), name))
    .map((name) =>
      problem('MP1002', document.keyRangeOf(['spec', name]), {
        detail: `spec.${name} cannot be changed by an overlay`,
        nextSteps: [`Write ${name} in the Project`],
      }),
    );
}
