import { isUtf8 } from 'node:buffer';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { type ChildExit, runChild } from '../../host/child.js';
import { findOwnCommand } from '../../host/own-command.js';
import { ProgramTimeout } from '../../host/program-timeout.js';
import { own } from '../../model/own.js';
import type { OwnCommand } from '../../model/own-command.js';
import type { PlanRules } from '../../model/plan-rules.js';
import { encodePlanFile, type PlanFile } from '../../plan/file/plan-file.js';
import { allowedBy, violation } from '../../plan/policy/violation.js';
import { type Answer, decodeAnswer } from './policy-answer.js';

const ANSWER_BYTES_MAX = 2 ** 20;
const SAID_LINES_MAX = 10;

/**
 * What the program of the rules has against a plan. It runs without a shell and without our secrets; only exit code 0 with an
 * answer that is understood, and nothing in it, is consent. Interruption ends it; so does its time limit.
 */
export async function askPolicyCommand(plan: PlanFile, rules: PlanRules): Promise<Diagnostic[]> {
  const { command } = rules;
  if (command === undefined) return [];
  const answer = await answerOf(command, plan);
  const lines = saidLines(answer.said);
  if ('why' in answer) return [noAnswer(rules, answer.why, lines)];
  return answer.violations.map(({ rule, message, address }) =>
    violation(rules, 'command', { detail: `${rule}: ${message}`, lines, ...(address === undefined ? {} : { address }) }),
  );
}

type Asked = (Answer | { readonly why: string }) & { readonly said: string };

async function answerOf(command: OwnCommand, plan: PlanFile): Promise<Asked> {
  const { argv, folder, timeoutMs } = command;
  const [name, ...args] = argv;
  const program = await findOwnCommand(command);
  if (program === undefined) return { why: `${name} is no program that can be run`, said: '' };
  const chunks: Buffer[] = [];
  let length = 0;
  const onStdout = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= ANSWER_BYTES_MAX) chunks.push(chunk);
  };
  try {
    const bytes = Buffer.from(encodePlanFile(plan));
    const exit = await runChild({ program, args, folder, timeoutMs, bytes, onStdout });
    const said = exit.stderr;
    if (length > ANSWER_BYTES_MAX) return { why: `${name} answered more than ${ANSWER_BYTES_MAX} bytes`, said };
    return { ...understood(name, exit, Buffer.concat(chunks)), said };
  } catch (error) {
    if (error instanceof ProgramTimeout) return { why: `${name} had no answer after ${timeoutMs / 1000} s`, said: '' };
    throw error;
  }
}

function understood(name: string, { status }: ChildExit, bytes: Buffer): Answer | { readonly why: string } {
  if (status !== 0) return { why: `${name} ended with ${status}` };
  const answer = isUtf8(bytes) ? decodeAnswer(bytes.toString('utf8')) : 'it is no UTF-8';
  return typeof answer === 'string' ? { why: `the answer of ${name} is not understood: ${answer}` } : answer;
}

const saidLines = (said: string): string[] =>
  said
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-SAID_LINES_MAX)
    .map((line) => `it said: ${line}`);

const noAnswer = (rules: PlanRules, why: string, lines: readonly string[]): Diagnostic => {
  const source = own(rules.places, 'command');
  return {
    severity: 'error',
    code: 'MP3021',
    detail: `rule "command" of ${rules.of}: ${why}, and a plan that was not judged is not applied`,
    ...(lines.length === 0 ? {} : { lines }),
    nextSteps: [
      'mend the program, or what it needs on this machine, and try it: migplan show PLAN --json | PROGRAM',
      allowedBy(rules, 'command', true),
    ],
    ...(source === undefined ? {} : { source }),
  };
};
