import type { VmSelector } from '../../model/desired.js';
import { grouped } from '../../model/grouped.js';
import { Nearest } from '../nearest.js';
import type { Machine } from './machine.js';

export type MachineFinding =
  | { readonly kind: 'found'; readonly machine: Machine }
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] };

/** The machines of a provider, looked up by many selectors. */
export class Machines {
  private readonly keys: readonly ReadonlyMap<string, readonly Machine[]>[];
  private readonly nearest: Nearest<Machine>;

  constructor(machines: readonly Machine[]) {
    const by = (keyOf: (machine: Machine) => string) => grouped(machines, (machine) => [keyOf(machine)]);
    this.keys = [
      by(({ uuid }) => `uuid ${uuid}`),
      by(({ name }) => `name ${name}`),
      by(({ name }) => `any ${name.toLowerCase()}`),
    ];
    this.nearest = new Nearest(machines, ({ name }) => name);
  }

  /** By uuid, or by name, which is unique. Other ways to name a VM are VMware's, and find nothing here. */
  find(selector: VmSelector): MachineFinding {
    if (selector.kind !== 'server') return { kind: 'not-found', nearest: [] };
    const { server } = selector;
    const words = [`uuid ${server.toLowerCase()}`, `name ${server}`, `any ${server.toLowerCase()}`];
    const [machine] = words.flatMap((word, index) => this.keys[index]!.get(word) ?? []);
    if (machine !== undefined) return { kind: 'found', machine };
    return { kind: 'not-found', nearest: this.nearest.to(server).map(({ name }) => name) };
  }
}
