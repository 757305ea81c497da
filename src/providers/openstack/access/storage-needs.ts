import type { MachineNeed } from '../../../contracts/disk-reader.js';
import type { CinderAccess } from '../config/cloud-config.js';

/**
 * What the storages that the Project names need on this machine. When it names several, a volume may be in any of them, so that
 * what one lacks is no proof of trouble.
 */
export function storageNeeds({ rbd, local, nfs, iscsi }: CinderAccess, use: 'read' | 'write'): MachineNeed[] {
  const written: MachineNeed[] = [
    ...((nfs?.exports.length ?? 0) === 0 ? [] : [{ kind: 'driver', driver: 'nfs' } as const]),
    ...((iscsi?.portals.length ?? 0) === 0 ? [] : [{ kind: 'driver', driver: 'iscsi' } as const]),
  ];
  const needs: MachineNeed[] = [
    ...(rbd === undefined ? [] : [{ kind: 'rbd', conf: rbd.conf } as const]),
    ...(local?.folders ?? []).map((path) => ({ kind: 'folder', path }) as const),
    ...(use === 'write' ? written : []),
  ];
  return needs.length < 2 ? needs : needs.map((need) => ({ ...need, isOneOfSeveral: true }));
}
