/**
 * What people approve of a plan, each word for itself. `seed`: volumes are made and copied for the first time; `sync`: what changed
 * is copied; `reseed`: a volume that holds a copy is written or compared as a whole again, whoever made it; `machine-type`: that of a volume is
 * changed; `cutover`: what cannot be undone, and the server.
 */
export const approvalKinds = ['seed', 'sync', 'reseed', 'machine-type', 'cutover'] as const;

export type ApprovalKind = (typeof approvalKinds)[number];
