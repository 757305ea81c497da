import { withholdFromChildren } from '../../host/child-environment.js';
import type { NotifyConfig } from './project-config.js';

/** The secret URL is for us alone, not for programs that are started while VMs are worked on. */
export function withholdWebhook({ webhook }: NotifyConfig): void {
  if (webhook?.url.kind === 'env') withholdFromChildren(webhook.url.name);
}
