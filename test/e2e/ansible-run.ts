import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot } from '../../lab/harness/project-root.js';

export interface AnsibleResult {
  readonly code: number | null;
  /** Both streams, one after the other. */
  readonly output: string;
  /** Numbers of the recap: ok, changed, failed ... */
  readonly recap: Readonly<Record<string, number>>;
}

export interface RunningAnsible {
  readonly finished: Promise<AnsibleResult>;
  /** Ctrl-C: the whole process group gets it. */
  interrupt(): void;
}

/** Programs of Ansible with homes of their own, and the collection as `ansible-galaxy` builds and installs it. */
export class Ansible {
  private constructor(
    private readonly folder: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async install(folder: string, environment: Readonly<Record<string, string>>): Promise<Ansible> {
    await mkdir(folder, { recursive: true });
    const ansible = new Ansible(folder, {
      ...environment,
      ANSIBLE_HOME: join(folder, 'home'),
      ANSIBLE_REMOTE_TEMP: join(folder, 'remote'),
      ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
    });
    await writeFile(
      ansible.inventory,
      'conversion_host: {hosts: {localhost: {ansible_connection: local, ansible_python_interpreter: /usr/bin/python3}}}\n',
    );
    const galaxy = async (...args: string[]): Promise<void> => {
      const { code, output } = await ansible.run('ansible-galaxy', ['collection', ...args]);
      expect(code, output).toBe(0);
    };
    await galaxy('build', join(projectRoot, 'ansible'), '--output-path', folder);
    const [archive] = (await readdir(folder)).filter((name) => /^migplan-migration-.*\.tar\.gz$/.test(name));
    await galaxy('install', join(folder, archive!), '-p', join(folder, 'collections'));
    return ansible;
  }

  get inventory(): string {
    return join(this.folder, 'inventory.yml');
  }

  /** The playbook of the collection with a file of variables, as in os-migrate's documentation; `more` are further arguments. */
  play(variables: string, ...more: readonly string[]): Promise<AnsibleResult> {
    return this.start(variables, ...more).finished;
  }

  /** As `play`, in a process group of its own, as a shell at a terminal makes one. */
  start(variables: string, ...more: readonly string[]): RunningAnsible {
    const args = ['-i', this.inventory, 'migplan.migration.import_workloads', '-e', `@${variables}`, ...more];
    return this.launch('ansible-playbook', args);
  }

  /** What ansible-doc reads out of the installed collection. */
  doc(...args: readonly string[]): Promise<AnsibleResult> {
    return this.run('ansible-doc', args);
  }

  private run(program: string, args: readonly string[]): Promise<AnsibleResult> {
    return this.launch(program, args).finished;
  }

  private launch(program: string, args: readonly string[]): RunningAnsible {
    const child = spawn(program, args, {
      cwd: this.folder,
      detached: true,
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const finished = new Promise<AnsibleResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        const recap = [...output.matchAll(/\b(ok|changed|failed|skipped|unreachable)=(\d+)/g)];
        resolve({ code, output, recap: Object.fromEntries(recap.map(([, word, count]) => [word, Number(count)])) });
      });
    });
    return { finished, interrupt: () => process.kill(-child.pid!, 'SIGINT') };
  }
}
