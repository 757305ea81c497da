/** Where signature and approvals of a saved plan are: beside it. */
export const signatureOf = (path: string): string => `${path}.sig`;
export const approvalsOf = (plan: string): string => `${plan}.approvals`;

export const SIGNATURE_BYTES_MAX = 64 * 1024;
export const STATEMENT_BYTES_MAX = 64 * 1024;
/** Everybody who can write there can put files there. */
export const APPROVALS_MAX = 100;
