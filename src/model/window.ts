/** When a VM may be worked on. `cron` has five fields in `timezone` (IANA) and opens the window for `durationSeconds`. */
export type MaintenanceWindow =
  | { readonly kind: 'once'; readonly name?: string; readonly start: string; readonly end: string }
  | {
      readonly kind: 'cron';
      readonly name?: string;
      readonly cron: string;
      readonly durationSeconds: number;
      readonly timezone: string;
    };
