import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { findOwnCommand } from '../../host/own-command.js';
import { withoutSecrets } from '../../host/secret.js';
import type { NotifyConfig, WebhookConfig } from '../../manifest/project/project-config.js';
import type { OwnCommand } from '../../model/own-command.js';
import { placeOf, type WebhookProblem, webhookUrl } from '../notify/webhook-url.js';
import type { Check } from './check.js';
import { checkRow, type Found } from './check-row.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether whoever the Project names would hear of an apply. Nothing is posted and no command is run; of the webhook only its host is
 * said. What is wrong is a warning, as it is of an apply.
 */
export async function notifyChecks(notify: NotifyConfig | undefined, env: Environment): Promise<Check[]> {
  if (notify === undefined) return [];
  const { webhook, command } = notify;
  return [
    ...(webhook === undefined ? [] : [await checkRow('notification webhook', () => lookAtWebhook(webhook, env))]),
    ...(command === undefined ? [] : [await checkRow('notification command', () => lookAtCommand(command))]),
  ];
}

async function lookAtWebhook(config: WebhookConfig, env: Environment): Promise<Found> {
  const resolved = await webhookUrl(config.url, env);
  if ('problem' in resolved) return unheard(resolved.problem);
  const { url } = resolved;
  const { reachWebhook } = await import('../notify/reach-webhook.js');
  try {
    await reachWebhook({ ...config, url, env });
    return { found: `${url.host} can be reached; nothing was posted`, diagnostics: [] };
  } catch (error) {
    if (error instanceof DiagnosticsError) return unheard(error.diagnostics[0]!);
    return unheard({
      detail: `the webhook at ${url.host} (${placeOf(config.url)}) cannot be reached: ${wordsOf(error)}`,
      nextSteps: ['look whether this machine reaches that host, or its proxy, and trusts its certificate'],
    });
  }
}

async function lookAtCommand(command: OwnCommand): Promise<Found> {
  const program = await findOwnCommand(command);
  if (program !== undefined) return { found: program, diagnostics: [] };
  return unheard({
    detail: `the command ${command.argv[0]} is no program that can be run`,
    nextSteps: ['name a program that this user may run here: with its path, or as PATH finds it'],
  });
}

const wordsOf = (error: unknown): string => withoutSecrets(error instanceof Error ? error.message : String(error));

function unheard({ detail, nextSteps, source }: WebhookProblem): Found {
  const told: Diagnostic = {
    severity: 'warning',
    code: 'MP8021',
    detail,
    ...(nextSteps !== undefined && { nextSteps }),
    ...(source !== undefined && { source }),
  };
  return { found: '', diagnostics: [told] };
}
