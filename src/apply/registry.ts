import type { ActionKind, ActionMap } from '../plan/core/action.js';
import { commitConversion, convert, discardOverlays, markConverted } from './actions/convert.js';
import { createServer } from './actions/create-server.js';
import { createVolume } from './actions/create-volume.js';
import { enableCbt } from './actions/enable-cbt.js';
import { finalizeCopy } from './actions/finalize-copy.js';
import { powerOff } from './actions/power-off.js';
import { releaseAttachment, releaseSnapshot } from './actions/release.js';
import { setImageMetadata } from './actions/set-image-metadata.js';
import { sync } from './actions/sync.js';
import type { ActionHandler, ApplyContext } from './handler.js';

/** A kind without a handler, or a handler of another kind, does not compile. */
const handlers: { readonly [K in ActionKind]: ActionHandler<K> } = {
  'release-attachment': releaseAttachment,
  'discard-overlays': discardOverlays,
  'release-snapshot': releaseSnapshot,
  'enable-cbt': enableCbt,
  'create-volume': createVolume,
  'set-image-metadata': setImageMetadata,
  sync,
  'power-off': powerOff,
  convert,
  'finalize-copy': finalizeCopy,
  'commit-conversion': commitConversion,
  'mark-converted': markConverted,
  'create-server': createServer,
};

export async function applyAction<K extends ActionKind>(action: ActionMap[K], context: ApplyContext): Promise<void> {
  const handler: ActionHandler<K> = handlers[action.kind as K];
  const { address } = context.desired;
  const began = context.clock.monotonicMs();
  context.signal.throwIfAborted();
  context.emit({ type: 'action-start', address, action });
  await context.journal.write('action-start', { address, kind: action.kind });
  await handler(action, context);
  const seconds = (context.clock.monotonicMs() - began) / 1000;
  await context.journal.write('action-done', { address, kind: action.kind, seconds });
  context.emit({ type: 'action-done', address, action, seconds });
}
