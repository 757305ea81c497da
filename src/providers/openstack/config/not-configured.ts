import { DiagnosticsError } from '../../../diag/diagnostic.js';

/** The user's cloud configuration cannot be used: MP4005, never with a secret in it. */
export const notConfigured = (detail: string, nextSteps: readonly string[]): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code: 'MP4005', detail, nextSteps }]);
