/** What the script in the page draws; all else of the page does without it. Times are seconds since 1970. */
export type Chart =
  /** When something is open or at work: a line a row, from top to bottom. */
  | {
      readonly kind: 'timeline';
      readonly id: string;
      readonly rows: readonly { readonly label: string; readonly spans: readonly (readonly [number, number])[] }[];
      readonly from: number;
      readonly to: number;
    }
  /** Bytes of each of some VMs; the series are stacked. */
  | {
      readonly kind: 'bars';
      readonly id: string;
      readonly labels: readonly string[];
      readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
    }
  | {
      readonly kind: 'lines';
      readonly id: string;
      readonly unit: 'bytes' | 'bytes/s';
      readonly series: readonly { readonly label: string; readonly points: readonly (readonly [number, number])[] }[];
    };

/** Of the element that holds them as JSON. */
export const CHARTS_ID = 'charts';

export const secondsOf = (time: Date | string): number => Math.round(new Date(time).getTime() / 1000);
