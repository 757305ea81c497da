import type { VolumeReach } from '../../model/observed-source.js';
import type { DiskAssessment } from '../core/disk-assessment.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Volumes of an old cloud that would be found closed after the server is off: only of disks that are still to be read. */
export const volumeReach = ({ desired, disks }: PlanContext): TargetProblem[] =>
  disks.flatMap(({ disk: { key, label, outOfReach }, assessment }) =>
    outOfReach === undefined || !isRead(assessment)
      ? []
      : [
          {
            code: 'MP2064',
            detail: `${label}: ${whyClosed(outOfReach)}`,
            nextSteps: [wayOut(outOfReach)],
            field: 'spec.source',
            address: `${desired.address}/disk/${key}`,
          },
        ],
  );

function isRead({ kind }: DiskAssessment): boolean {
  switch (kind) {
    case 'create':
    case 'full':
    case 'delta':
      return true;
    case 'blocked':
    case 'complete':
    case 'committing':
    case 'converted':
      return false;
  }
}

function whyClosed(reach: VolumeReach): string {
  switch (reach.kind) {
    case 'not-told':
      return 'its attachment does not say where the bytes are, as those that an old Nova made: it cannot be read in place';
    case 'no-rbd':
      return 'the volume is on Ceph RBD, and the Project does not say how to reach it';
    case 'folder':
      return `the volume is local to its storage host, as ${reach.path}, which is below no folder that the Project names`;
    case 'driver':
      return `the volume is served by '${reach.driver}', of which snapshots cannot be read in place`;
  }
}

function wayOut(reach: VolumeReach): string {
  switch (reach.kind) {
    case 'no-rbd':
      return "Write access: {type: cinder, rbd: {conf: /etc/ceph/old.conf, user: cinder}} at the provider in migplan.yaml; the user's keyring has to be readable.";
    case 'folder':
      return 'Write the folder of the backend on this machine at the provider in migplan.yaml: access: {type: cinder, local: {folders: [/var/lib/cinder/volumes]}}.';
    case 'not-told':
    case 'driver':
      return 'Only volumes on Ceph RBD can be read in place; any other by way of a server of that cloud: access: {type: nova, server: NAME}.';
  }
}
