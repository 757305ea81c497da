import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedServer } from '../../model/observed-target.js';

/** One in ERROR is made again; one that is still built may yet end there, so somebody has to wait for it. */
export const isServerMade = (server: ObservedServer | undefined): boolean =>
  server !== undefined && server.status !== 'ERROR' && server.status !== 'BUILD';

/** Whether a cutover still has to end in a server. */
export const isServerWanted = ({ target }: DesiredMigration, server: ObservedServer | undefined): boolean =>
  target.server !== undefined && !isServerMade(server);
