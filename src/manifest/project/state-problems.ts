import type { Diagnostic } from '../../diag/diagnostic.js';
import { unfitAddress } from '../../model/state-address.js';
import type { LocatedDocument } from '../base/located.js';
import { problem } from '../base/problem.js';
import type { ProjectDocument } from '../schema/project-shape.js';
import { STATE_PATH, type StateDocument } from './to-state.js';

type HttpState = Extract<StateDocument, { readonly type: 'http' }>;

/** What the schema does not know of `spec.state`, of a document that has passed it. */
export function stateProblems(document: LocatedDocument): Diagnostic[] {
  const { state } = (document.value as ProjectDocument).spec;
  if (state?.type !== 'http') return [];
  return [...addressProblems(state, document), ...loginProblems(state, document), ...lockProblems(state, document)];
}

const addressProblems = (state: HttpState, document: LocatedDocument): Diagnostic[] =>
  (['address', 'lockAddress', 'unlockAddress'] as const).flatMap((field) => {
    const why = state[field] === undefined ? undefined : unfitAddress(state[field]);
    if (why === undefined) return [];
    return problem('MP1018', document.rangeOf([...STATE_PATH, field]), {
      detail: `spec.state.${field} ${why}`,
      nextSteps: [`Write it in the form ${EXAMPLE}`],
    });
  });

const EXAMPLE = 'https://gitlab.example.com/api/v4/projects/42/terraform/state/{name}';

function loginProblems({ user, password }: HttpState, document: LocatedDocument): Diagnostic[] {
  if ((user === undefined) === (password === undefined)) return [];
  const [there, missing, example] =
    user === undefined ? ['password', 'user', 'gitlab-ci-token'] : ['user', 'password', 'env:NAME'];
  return [
    problem('MP1003', document.keyRangeOf([...STATE_PATH, there!]), {
      detail: `spec.state has a ${there} and no ${missing}`,
      nextSteps: [`Add ${missing}: ${example}, or remove ${there} where the server asks for no login`],
    }),
  ];
}

/** To a server these would say something else: a state is written over, or removed. */
function lockProblems(state: HttpState, document: LocatedDocument): Diagnostic[] {
  const { address, lockAddress = address, lockMethod = 'LOCK', unlockAddress = lockAddress, unlockMethod = 'UNLOCK' } = state;
  const same = (field: 'lockMethod' | 'unlockMethod', what: string): Diagnostic => sameRequest(document, field, what);
  if (lockAddress === address && lockMethod !== 'LOCK') return [same('lockMethod', `${lockMethod} writes the state`)];
  if (unlockAddress === address && unlockMethod !== 'UNLOCK')
    return [same('unlockMethod', `${unlockMethod} ${unlockMethod === 'DELETE' ? 'removes' : 'writes'} the state`)];
  return unlockAddress === lockAddress && unlockMethod === lockMethod ? [same('unlockMethod', `${lockMethod} locks it`)] : [];
}

const sameRequest = (document: LocatedDocument, field: 'lockMethod' | 'unlockMethod', what: string): Diagnostic =>
  problem('MP1030', document.rangeOf([...STATE_PATH, field]), {
    detail: `spec.state.${field} cannot be that: at the same address ${what}`,
    nextSteps: ['Write lockAddress and unlockAddress of that server; on GitLab they are address with /lock behind it'],
  });
