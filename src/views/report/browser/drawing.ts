import uPlot from 'uplot';
import { formatBytes } from '../../../model/format.js';

/** Where a chart goes. All lengths are CSS pixels. */
export interface Place {
  readonly host: HTMLElement;
  readonly width: number;
  readonly text: string;
  readonly grid: string;
  /** Of series, one after the other. */
  readonly colours: readonly string[];
  readonly font: string;
}

const COLOURS = 8;

export function place(host: HTMLElement): Place {
  const page = getComputedStyle(document.documentElement);
  const colour = (name: string): string => page.getPropertyValue(name).trim();
  return {
    host,
    width: Math.max(WIDTH_MIN, host.clientWidth),
    text: colour('--quiet'),
    grid: colour('--line'),
    colours: Array.from({ length: COLOURS }, (_, index) => colour(`--series-${index + 1}`)),
    font: `12px ${page.fontFamily || 'sans-serif'}`,
  };
}

const WIDTH_MIN = 240;

export const colourOf = ({ colours }: Place, index: number): string => colours[index % colours.length] ?? 'gray';

/** On narrow pages names get less room than what they name. */
export const labelWidth = ({ width }: Place): number => Math.min(200, Math.round(width * 0.3));

const PIXELS_A_CHARACTER = 7.5;
/** Between a label and what it names. */
const TICK_WIDTH = 16;

export function fitted(label: string, width: number): string {
  const characters = [...label];
  const most = Math.max(4, Math.floor((width - TICK_WIDTH) / PIXELS_A_CHARACTER));
  return characters.length <= most ? label : `${characters.slice(0, most - 1).join('')}…`;
}

export const inUtc = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC');

/** `2026-06-01 12:00`. */
export const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');

const DAY = 86_400;

/** The date below the time of day; where ticks are days, the year below the date. */
export const timeTicks = (_: uPlot, ticks: number[], __: number, ___: number, step: number): string[] =>
  ticks.map((tick) => {
    const text = new Date(tick * 1000).toISOString();
    return step < DAY ? `${text.slice(11, 16)}\n${text.slice(5, 10)}` : `${text.slice(5, 10)}\n${text.slice(0, 4)}`;
  });

/** Ticks of bytes are whole KiB, MiB, GiB. */
export const BYTE_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);

export const byteText = (value: number): string => formatBytes(value).replace(/\.0 /, ' ');

export function axis(at: Place, more: uPlot.Axis): uPlot.Axis {
  return {
    stroke: at.text,
    font: at.font,
    grid: { stroke: at.grid, width: 1 },
    ticks: { stroke: at.grid, width: 1 },
    ...more,
  };
}
