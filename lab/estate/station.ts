import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A machine from which people work: their project's folder, with the state that runs leave in it. */
export class Station {
  constructor(readonly folder: string) {
    mkdirSync(join(folder, 'manifests'), { recursive: true });
  }

  get state(): string {
    return join(this.folder, '.migplan');
  }

  private get aside(): string {
    return `${this.folder}.at-death`;
  }

  write(name: string, text: string | undefined): void {
    const path = join(this.folder, name);
    if (text === undefined) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }

  loseState(): void {
    rmSync(this.state, { recursive: true, force: true });
  }

  /** As a cache, a backup or a shared home brings it. */
  copyState(from: Station): void {
    this.loseState();
    if (existsSync(from.state)) cpSync(from.state, this.state, { recursive: true });
  }

  /** At the instant of death: what the dead still do to files afterwards counts for nothing. */
  freeze(): void {
    rmSync(this.aside, { recursive: true, force: true });
    mkdirSync(this.aside, { recursive: true });
    if (existsSync(this.state)) cpSync(this.state, join(this.aside, 'state'), { recursive: true });
  }

  /** Once the dead have come to rest. The folder itself stays the same; locks in it are those of a process that is gone. */
  thaw(): void {
    const saved = join(this.aside, 'state');
    if (!existsSync(saved)) return this.loseState();
    for (const name of readdirSync(this.state)) rmSync(join(this.state, name), { recursive: true, force: true });
    cpSync(saved, this.state, { recursive: true });
    for (const path of filesBelow(this.state).filter((name) => name.includes('.lock'))) markDead(path);
  }

  /** Locks and overlays that stand around. */
  leftovers(): string[] {
    return filesBelow(this.state)
      .filter((path) => path.includes('.lock') || path.includes('/overlays/'))
      .map((path) => path.slice(this.state.length + 1));
  }
}

function markDead(path: string): void {
  const holder = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...holder, startedTicks: '1' }));
}

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
