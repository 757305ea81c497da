import type { ActionHandler } from '../handler.js';

/** Only a wish: the sync that follows takes a snapshot, and that makes tracking active. */
export const enableCbt: ActionHandler<'enable-cbt'> = ({ kind: _ }, { source, vm }) => source.enableChangeTracking(vm.ref);
