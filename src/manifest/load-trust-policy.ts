import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import canonicalize from 'canonicalize';
import { type Diagnostic, invariant } from '../diag/diagnostic.js';
import { readInput } from '../host/read-input.js';
import type { ApprovalRule, TrustPolicy } from '../model/trust-policy.js';
import { problem } from './base/problem.js';
import { validators } from './explain/validators.js';
import { readRules } from './project/policy-rules.js';
import { type DocumentRead, readDocument } from './read-document.js';
import { parseDuration } from './schema/forms.js';
import type { TypeOf } from './schema/shape.js';
import type { trustShape } from './schema/trust-shape.js';

type TrustDocument = TypeOf<typeof trustShape>;

const SIGNERS_BYTES_MAX = 4 * 2 ** 20;

export type TrustParseResult =
  | { readonly kind: 'policy'; readonly policy: TrustPolicy }
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] };

/** Reads a trust policy with the files that it names, each once. `path` is absolute, `shown` how it is called in messages. */
export async function loadTrustPolicy(path: string, shown: string): Promise<TrustParseResult> {
  const folder = dirname(path);
  const read = await readDocument({ folder, file: basename(path), shown }, validators.TrustPolicy);
  if (read.value === undefined) return { kind: 'wrong', diagnostics: read.diagnostics };
  const document = read.value as TrustDocument;
  const place = { folder, shown, read };
  const [signers, revoked] = await Promise.all([
    namedFile(document.spec.signers, 'signers', place),
    namedFile(document.spec.revoked, 'revoked', place),
  ]);
  const located = { rangeOf: read.rangeOf, keyRangeOf: read.rangeOf };
  const { rules, diagnostics } = readRules(document.spec.policy, {
    located,
    path: ['spec', 'policy'],
    folder,
    of: `the trust policy "${document.metadata.name}"`,
  });
  const wrong = [...signers.diagnostics, ...revoked.diagnostics, ...diagnostics, ...approvalProblems(document, read)];
  if (wrong.length > 0 || signers.bytes === undefined) return { kind: 'wrong', diagnostics: wrong };
  return {
    kind: 'policy',
    policy: {
      name: document.metadata.name,
      file: shown,
      digest: digestOf(document, signers.bytes),
      signers: signers.bytes,
      ...(revoked.bytes === undefined ? {} : { revoked: revoked.bytes }),
      ...demandsOf(document),
      rules,
    },
  };
}

function demandsOf({ spec: { plans, flags, environments, approvals } }: TrustDocument) {
  return {
    unsigned: plans?.unsigned ?? false,
    ...(plans?.signedBy === undefined ? {} : { signedBy: plans.signedBy }),
    flags: { allowCutover: flags?.allowCutover ?? false, autoApprove: flags?.autoApprove ?? false },
    ...(environments === undefined
      ? {}
      : { environments: Object.fromEntries(Object.entries(environments).map(([name, { clouds }]) => [name, clouds])) }),
    approvals: (approvals ?? []).map(
      ({ actions, environments: within, by, count = 1, signerMayApprove = false, validFor }): ApprovalRule => ({
        actions,
        ...(within === undefined ? {} : { environments: within }),
        by: [...new Set(by)],
        count,
        signerMayApprove,
        ...(validFor === undefined ? {} : { validMs: parseDuration(validFor) * 1000 }),
      }),
    ),
  };
}

/** Of what the policy says, however it is laid out, and of who signs. */
const digestOf = (document: TrustDocument, signers: Uint8Array): string => {
  const { signers: _signers, revoked: _revoked, ...demands } = document.spec;
  const said = canonicalize({ name: document.metadata.name, demands });
  invariant(said !== undefined, 'plain data always has a canonical form');
  return createHash('sha256').update(createHash('sha256').update(said).digest()).update(signers).digest('hex');
};

interface Place {
  readonly folder: string;
  readonly shown: string;
  readonly read: DocumentRead;
}

async function namedFile(
  name: string | undefined,
  field: 'signers' | 'revoked',
  { folder, shown, read }: Place,
): Promise<{ readonly bytes?: Uint8Array; readonly diagnostics: readonly Diagnostic[] }> {
  if (name === undefined) return { diagnostics: [] };
  try {
    return { bytes: await readInput(resolve(folder, name), { bytesMax: SIGNERS_BYTES_MAX }), diagnostics: [] };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    const detail = `the file of ${field}, ${name}, cannot be read: ${why}`;
    return {
      diagnostics: [
        problem('MP1012', read.rangeOf(['spec', field]), {
          detail,
          nextSteps: [`Run: ls -l ${isAbsolute(name) ? name : join(dirname(shown), name)}`],
        }),
      ],
    };
  }
}

/** Rules that nobody could keep, or that hold nowhere. */
function approvalProblems(
  { spec: { approvals = [], environments = {} } }: TrustDocument,
  { rangeOf }: DocumentRead,
): Diagnostic[] {
  return approvals.flatMap(({ by, count = 1, environments: within = [] }, index) => {
    const path = ['spec', 'approvals', index];
    const people = new Set(by).size;
    const tooFew = `approvals[${index}] asks for ${count} approvals, and names ${people} who may give them`;
    return [
      ...(people >= count
        ? []
        : [problem('MP1018', rangeOf([...path, 'by']), { detail: tooFew, nextSteps: ['Name more of them, or lower count'] })]),
      ...alike(by).map((names) => {
        const detail = `approvals[${index}] names ${names.join(' and ')}, which differ in capitals only and would count as two people`;
        return problem('MP1018', rangeOf([...path, 'by']), { detail, nextSteps: ['Name each person once, as the signers do'] });
      }),
      ...within.flatMap((name, at) =>
        Object.hasOwn(environments, name)
          ? []
          : [
              problem('MP1018', rangeOf([...path, 'environments', at]), {
                detail: `approvals[${index}] is for environment "${name}", which spec.environments does not have`,
                nextSteps: ['Name one that it has, or add it there with its clouds'],
              }),
            ],
      ),
    ];
  });
}

/** Names that a reader takes for the same. */
const alike = (names: readonly string[]): (readonly [string, string])[] =>
  [...new Set(names)].flatMap((name, index, all) => {
    const twin = all.slice(0, index).find((other) => other.toLowerCase() === name.toLowerCase());
    return twin === undefined ? [] : [[twin, name] as const];
  });
