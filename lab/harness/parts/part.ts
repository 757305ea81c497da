import type { Truth } from '../truth.js';
import type { Witness } from '../witness.js';

/** Entry of clouds.yaml for user demo in project demo. */
export interface CloudEntry {
  readonly name: string;
  readonly authUrl: string;
  readonly password: string;
}

/** One side of a bench: what projects say of it, and what runs can leave there. Disposed, it is gone. */
interface Part extends AsyncDisposable {
  /** Name among the providers of a Project. */
  readonly provider: string;
  /** What projects have in clouds.yaml and secure.yaml of their own. */
  readonly clouds: readonly CloudEntry[];
  /** What migplan finds secrets by, and clouds that are not in the project. */
  readonly environment: Readonly<Record<string, string>>;
  /** TCP ports of 127.0.0.1 by which runs reach it; not those by which tests look behind it. */
  readonly ports: readonly number[];
  /** What runs left there, one line each; empty is what it should be. */
  leftovers(): Promise<readonly string[]>;
}

/** Fields of an entry below `providers`, each as YAML. */
export type Settings = Readonly<Record<string, string>>;

export interface SourcePart extends Part {
  readonly settings: Settings;
  /** Of the target's defaults, what follows from the names here. */
  readonly mapping: Settings;
  /** undefined: nobody but the source knows what it held. */
  readonly truth: Truth | undefined;
}

/** What one project may want otherwise of the target. */
export interface TargetWishes {
  /** Entry of clouds.yaml, such as one of a reader. */
  readonly entry?: string | undefined;
  /** How volumes are reached, as YAML: `{type: cinder}`. */
  readonly access?: string | undefined;
}

export interface TargetPart extends Part {
  readonly volumeType: string;
  readonly witness: Witness;
  settings(wishes: TargetWishes): Settings;
  addMetadata(volume: string, metadata: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Starts a part; what it needs on disk is below that folder, which the bench removes. */
export type Opener<Kind> = (folder: string) => Promise<Kind>;
