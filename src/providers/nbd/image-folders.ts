import { dirname, extname } from 'node:path';
import type { NbdConfig } from './config.js';

/** Folders below which images may lie: those that the Project names, else those of the machine files. */
export const imageFolders = ({ images, machines }: Pick<NbdConfig, 'images' | 'machines'>): readonly string[] =>
  images ?? machines.map((path) => (extname(path) === '.json' ? dirname(path) : path));
