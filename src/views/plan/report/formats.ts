/** What other programs take a plan as, besides JSON. */
export const reportFormats = ['markdown', 'github', 'gitlab', 'junit', 'sarif'] as const;
export type ReportFormat = (typeof reportFormats)[number];
