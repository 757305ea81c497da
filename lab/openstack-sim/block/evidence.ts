import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceConfig } from '../config.js';
import { copySparse } from './volume-file.js';

/** A volume as it was at the moment its metadata claimed something. */
export interface Claim {
  readonly number: number;
  readonly volumeId: string;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Absolute path of a copy of the volume's bytes, taken before the claim was answered. */
  readonly file: string;
}

/** The bytes of a snapshot, which stay when the snapshot is gone. */
export interface FrozenVolume {
  readonly snapshotId: string;
  readonly name: string | null;
  readonly volumeId: string;
  /** Absolute path. */
  readonly file: string;
}

interface ClaimingVolume {
  readonly id: string;
  readonly name: string | null;
  readonly metadata: ReadonlyMap<string, string>;
  readonly file: string;
}

/** What somebody who judges later needs to know, kept because the configuration asks for it. */
export class Evidence {
  readonly claims = new Map<number, Claim>();
  readonly frozen: FrozenVolume[] = [];
  private readonly dir: string;
  private lastNumber = 0;

  constructor(
    stateDir: string,
    private readonly config: EvidenceConfig,
  ) {
    this.dir = join(stateDir, 'evidence');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Call after each write of metadata that a client asked for, before it is answered: what is written later is no part of it. */
  metadataWritten({ id, name, metadata, file }: ClaimingVolume, keys: Iterable<string>): void {
    const { claim } = this.config;
    if (claim === undefined || ![...keys].includes(claim.key)) return;
    if (!new RegExp(claim.pattern).test(metadata.get(claim.key) ?? '')) return;
    this.lastNumber += 1;
    const number = this.lastNumber;
    const copy = this.place(`claim-${number}`);
    copySparse(file, copy);
    this.claims.set(number, { number, volumeId: id, name, metadata: Object.fromEntries(metadata), file: copy });
  }

  /** Call when the snapshot has its bytes. */
  snapshotTaken({ id, name, volumeId, file }: { id: string; name: string | null; volumeId: string; file: string }): void {
    if (this.config.snapshots !== true) return;
    const kept = this.place(`snapshot-${id}`);
    linkSync(file, kept);
    this.frozen.push({ snapshotId: id, name, volumeId, file: kept });
  }

  forgetClaim(number: number): void {
    const claim = this.claims.get(number);
    if (claim !== undefined) rmSync(claim.file, { force: true });
    this.claims.delete(number);
  }

  private place(name: string): string {
    mkdirSync(this.dir, { recursive: true });
    return join(this.dir, name);
  }
}
