import type { Converter } from '../../src/contracts/converter.js';
import type { DataPlane } from '../../src/contracts/data-plane.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { prng } from '../sim/prng.js';
import { Bytes } from './bytes.js';
import { type MachineTraits, SourceMachine } from './source-machine.js';
import { sourceProvider } from './source-provider.js';
import type { EstateServer, EstateVolume } from './target-project.js';
import { TargetProject } from './target-project.js';
import { targetProvider } from './target-provider.js';
import { Wire } from './wire.js';

/** Whoever judges what happens; called at the instant. */
export interface Witness {
  onDeath(): void;
  onPowerOff(): void;
  onMetadata(volume: EstateVolume): void;
  onServer(server: EstateServer): void;
  complain(what: string): void;
}

/** One VM, the project it goes to, and what lies between them: all that a simulated process reaches by its providers. */
export class Estate {
  readonly wire: Wire;
  readonly machine: SourceMachine;
  readonly project: TargetProject;
  readonly source: SourceProvider;
  readonly target: TargetProvider;
  readonly dataPlane: DataPlane;
  readonly converter: Converter;

  constructor(seed: number, traits: MachineTraits, witness: Witness) {
    const random = prng(seed);
    this.wire = new Wire(() => {
      this.project.loseCaches();
      witness.onDeath();
    });
    this.machine = new SourceMachine(traits, random);
    this.project = new TargetProject(random);
    this.source = sourceProvider(this.machine, this.wire, { onPowerOff: () => witness.onPowerOff() });
    this.target = targetProvider(this.project, this.wire, {
      onMetadata: (volume) => witness.onMetadata(volume),
      onServer: (server) => witness.onServer(server),
    });
    const { machine, project, wire } = this;
    const bytes = new Bytes({ machine, project, wire, complain: (what) => witness.complain(what) });
    this.dataPlane = bytes.dataPlane;
    this.converter = bytes.converter;
  }
}
