import type { VmSelector } from '../../model/desired.js';
import { nearest } from '../nearest.js';
import type { Machine } from './machine.js';

export type MachineFinding =
  | { readonly kind: 'found'; readonly machine: Machine }
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] };

/** By uuid, or by name, which is unique. Other ways to name a VM are VMware's, and find nothing here. */
export function findMachine(selector: VmSelector, machines: readonly Machine[]): MachineFinding {
  if (selector.kind !== 'server') return { kind: 'not-found', nearest: [] };
  const { server } = selector;
  const machine =
    machines.find(({ uuid }) => uuid === server.toLowerCase()) ??
    machines.find(({ name }) => name === server) ??
    machines.find(({ name }) => name.toLowerCase() === server.toLowerCase());
  if (machine !== undefined) return { kind: 'found', machine };
  return {
    kind: 'not-found',
    nearest: nearest(
      server,
      machines.map(({ name }) => name),
      (name) => name,
    ),
  };
}
