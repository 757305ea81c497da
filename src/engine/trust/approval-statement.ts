import { approvalKinds } from '../../model/approval-kinds.js';
import { own } from '../../model/own.js';
import type { ApprovalStatement } from '../../plan/policy/approval.js';

export const APPROVAL_FORMAT = '1.0';

/** One way of writing it, so that who reads it reads what the program does. */
export const encodeStatement = (statement: ApprovalStatement): string => `${JSON.stringify(statement, null, 2)}\n`;

/** What of it is wrong in words, as a text. */
export function decodeStatement(text: string): ApprovalStatement | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const wrong = problemOf(value);
  if (wrong !== undefined) return wrong;
  const statement = value as ApprovalStatement;
  return encodeStatement(statement) === text ? statement : 'it is laid out in another way than migplan writes it';
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const checks: Readonly<Record<keyof ApprovalStatement, (value: unknown) => boolean>> = {
  format_version: (value) => value === APPROVAL_FORMAT,
  kind: (value) => value === 'MigrationPlanApproval',
  plan: (value) =>
    isFields(value) &&
    Object.keys(value).sort().join() === 'digest,id,sha256' &&
    Object.values(value).every((text) => typeof text === 'string'),
  environment: (value) => value === undefined || typeof value === 'string',
  actions: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((kind) => approvalKinds.some((known) => known === kind)),
  approved_at: isTime,
  expires_at: isTime,
};

function problemOf(value: unknown): string | undefined {
  if (!isFields(value) || value['kind'] !== 'MigrationPlanApproval') return 'it is no approval of a plan';
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) return `it has a field that is not understood, ${unknown}`;
  const wrong = Object.entries(checks).find(([name, fits]) => !fits(own(value, name)))?.[0];
  return wrong === undefined ? undefined : `its ${wrong} is not understood`;
}

function isTime(value: unknown): boolean {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) && new Date(ms).toISOString() === value;
}
