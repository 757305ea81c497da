import type { Diagnostic } from '../../diag/diagnostic.js';
import { systemClock } from '../../host/clock.js';
import type { ProgramLogs } from '../../host/program-logs.js';
import { newUuid } from '../../host/random.js';
import type { NotifyConfig } from '../../manifest/project/project-config.js';
import { withholdWebhook } from '../../manifest/project/withhold-webhook.js';
import { currentUser } from '../../state/current-user.js';
import { RunLogs } from '../../state/run-logs.js';
import type { StateFolder } from '../../state/state-folder.js';
import { type EndedApply, eventsOf } from './events-of.js';
import { notificationText } from './notification.js';
import { tellCommand } from './tell-command.js';

export interface Notifying {
  readonly config: NotifyConfig;
  readonly ended: EndedApply;
  readonly project: string;
  readonly environment?: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly state: StateFolder;
}

/** Tells whoever wants to know. Gives what could not be delivered, as warnings: nothing of this is an error of the apply. */
export async function notify(notifying: Notifying): Promise<Diagnostic[]> {
  const { config, ended } = notifying;
  const wanted = eventsOf(ended).filter((event) => config.on.includes(event));
  withholdWebhook(config);
  const logs = logsOf(notifying);
  const found = await Promise.all(wanted.map((event) => tellAll(notificationOf(notifying, event), notifying, logs)));
  await logs?.settled();
  return found.flat();
}

const notificationOf = (
  { ended, project, environment, version }: Notifying,
  event: ReturnType<typeof eventsOf>[number],
): string =>
  notificationText(event, ended, {
    id: newUuid(),
    at: systemClock.now(),
    project,
    ...(environment !== undefined && { environment }),
    migplan: version,
    by: currentUser(),
  });

/** Neither waits for the other, nor for how it ends. */
async function tellAll(text: string, { config, env, version }: Notifying, logs: ProgramLogs | undefined): Promise<Diagnostic[]> {
  const { webhook, command } = config;
  const told = await Promise.all([
    webhook && (await import('./tell-webhook.js')).tellWebhook(webhook, { text, env, userAgent: `migplan/${version}` }),
    command && tellCommand(command, { text, logs }),
  ]);
  return told.filter((one) => one !== undefined);
}

function logsOf({ ended: { run }, state }: Notifying): RunLogs | undefined {
  if (run === undefined) return undefined;
  return RunLogs.open({ folder: state.logsFolder(run), clock: systemClock, onTrouble: () => undefined });
}
