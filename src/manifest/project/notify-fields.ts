import type { Diagnostic } from '../../diag/diagnostic.js';
import { notifyEventsDefault } from '../../model/notify-events.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { problem } from '../base/problem.js';
import { parseDuration } from '../schema/forms.js';
import type { notifyShape } from '../schema/notify-shape.js';
import type { ProjectDocument } from '../schema/project-shape.js';
import type { TypeOf } from '../schema/shape.js';
import type { NotifyConfig, WebhookConfig } from './project-config.js';
import { parseSecretRef } from './secret-ref.js';
import { absolute, type ProjectLocation } from './to-provider.js';

type NotifyFields = TypeOf<typeof notifyShape>;

interface NotifyParseResult {
  readonly notify?: NotifyConfig;
  readonly diagnostics: readonly Diagnostic[];
}

const PATH: Path = ['spec', 'notify'];

/** `spec.notify` of a document that has passed its schema, with what the schema does not know of it. */
export function readNotify(document: LocatedDocument, location: ProjectLocation): NotifyParseResult {
  const fields = (document.value as ProjectDocument).spec.notify;
  if (fields === undefined) return { diagnostics: [] };
  const { on = notifyEventsDefault, webhook, command, commandTimeout = '30s' } = fields;
  const [program, ...args] = command ?? [];
  const timeoutMs = parseDuration(commandTimeout) * 1000;
  return {
    diagnostics: problemsOf(fields, document),
    notify: {
      on: [...new Set(on)],
      ...(webhook && { webhook: webhookOf(webhook, document, location) }),
      ...(program !== undefined && { command: { argv: [program, ...args], folder: location.folder, timeoutMs } }),
    },
  };
}

function webhookOf(
  { url, timeout = '10s', caFile }: NonNullable<NotifyFields['webhook']>,
  document: LocatedDocument,
  location: ProjectLocation,
): WebhookConfig {
  const toAbsolute = (path: string): string => absolute(path, location);
  const ref = parseSecretRef(url, { source: document.rangeOf([...PATH, 'webhook', 'url']), toAbsolute });
  return {
    url: ref!,
    timeoutMs: parseDuration(timeout) * 1000,
    ...(caFile !== undefined && { caFile: toAbsolute(caFile) }),
  };
}

function problemsOf({ webhook, command, commandTimeout }: NotifyFields, document: LocatedDocument): Diagnostic[] {
  const isNobody = webhook === undefined && command === undefined;
  const isIdle = commandTimeout !== undefined && command === undefined;
  return [...(isNobody ? [nobody(document)] : []), ...(isIdle && !isNobody ? [idleTimeout(document)] : [])];
}

const nobody = (document: LocatedDocument): Diagnostic =>
  problem('MP1003', document.keyRangeOf(PATH), {
    detail: 'spec.notify says nobody who is to be told',
    nextSteps: ['Add webhook: {url: "env:MIGPLAN_WEBHOOK"}, or command: [./tell]'],
  });

const idleTimeout = (document: LocatedDocument): Diagnostic =>
  problem('MP1018', document.keyRangeOf([...PATH, 'commandTimeout']), {
    detail: 'spec.notify.commandTimeout is for a command, and there is none',
    nextSteps: ['Add the command, or remove commandTimeout'],
  });
