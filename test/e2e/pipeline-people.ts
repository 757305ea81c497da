import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../lab/harness/project-root.js';

const run = promisify(execFile);

/** The job that plans, two people whom the policy names, and one who has a key as well. */
const people = ['plan-job', 'alice', 'bob', 'mallory'] as const;
export type Person = (typeof people)[number];

/** Keys, and the policy of examples/trust for them. */
export class PipelinePeople {
  private constructor(
    private readonly folder: string,
    /** As it is pasted into a secret: without the last line end. */
    readonly signingKey: string,
  ) {}

  static async open(folder: string): Promise<PipelinePeople> {
    await mkdir(folder);
    for (const name of people) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    return new PipelinePeople(folder, (await readFile(join(folder, 'plan-job'), 'utf8')).trimEnd());
  }

  key(person: Person): string {
    return join(this.folder, person);
  }

  /** What is left of a secret where somebody prints it. */
  get secretLine(): string {
    return this.signingKey.split('\n')[2]!;
  }

  /** Writes trust/ below `folder`. mallory may sign nothing. */
  async writeTrust(folder: string, change: (policy: string) => string = (policy) => policy): Promise<void> {
    const policy = await readFile(join(projectRoot, 'examples/trust/trust.yaml'), 'utf8');
    await mkdir(join(folder, 'trust'), { recursive: true });
    await writeFile(join(folder, 'trust/trust.yaml'), change(policy));
    const lines = await Promise.all([
      this.signer('plan-job', 'migplan-plan'),
      this.signer('alice', 'migplan-approval'),
      this.signer('bob', 'migplan-approval'),
    ]);
    await writeFile(join(folder, 'trust/allowed_signers'), lines.join(''));
  }

  private signer = async (person: Person, namespace: string): Promise<string> =>
    `${person}@example.com namespaces="${namespace}" ${await readFile(`${this.key(person)}.pub`, 'utf8')}`;
}

/** The repository that the service has: its branches main and migplan-approvals. */
export class Origin {
  constructor(readonly folder: string) {}

  static async create(folder: string): Promise<Origin> {
    const origin = new Origin(folder);
    await run('git', ['init', '--quiet', folder]);
    await origin.commit('migplan-approvals', (files) => writeFile(join(files, 'README.md'), 'Approvals by digest.\n'));
    return origin;
  }

  /** Commits what `change` leaves in the folder; the commit's id. */
  async commit(branch: string, change: (folder: string) => Promise<void>): Promise<string> {
    if (!(await this.switchTo(branch))) {
      await this.git('checkout', '--quiet', '--orphan', branch);
      await this.git('rm', '-rfq', '--ignore-unmatch', '.');
    }
    await change(this.folder);
    await this.git('add', '--all');
    await this.git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'change');
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** What actions/checkout leaves of a commit or branch in an empty folder. */
  async checkOut(ref: string, into: string): Promise<void> {
    await rm(into, { recursive: true, force: true });
    await mkdir(into);
    await this.git('archive', '--output', `${into}.tar`, ref);
    await run('tar', ['-xf', `${into}.tar`, '-C', into]);
    await rm(`${into}.tar`);
  }

  /** A reviewer adds the approvals that lie beside `plan`. */
  async addApprovals(plan: string): Promise<void> {
    const { digest } = JSON.parse(await readFile(plan, 'utf8')) as { readonly digest: string };
    await this.commit('migplan-approvals', (folder) =>
      cp(`${plan}.approvals`, join(folder, digest.slice('sha256:'.length)), { recursive: true }),
    );
  }

  /** `workspace` is a clone whose remote this is. */
  async clonedAs(workspace: string): Promise<void> {
    await run('git', ['init', '--quiet', workspace]);
    await run('git', ['-C', workspace, 'remote', 'add', 'origin', this.folder]);
    await this.fetchedBy(workspace);
  }

  /** What the runner of GitLab does before each job. */
  async fetchedBy(workspace: string): Promise<void> {
    await run('git', ['-C', workspace, 'fetch', '--quiet', 'origin']);
  }

  private switchTo = (branch: string): Promise<boolean> =>
    this.git('checkout', '--quiet', branch).then(
      () => true,
      () => false,
    );

  private git = async (...args: string[]): Promise<string> => (await run('git', ['-C', this.folder, ...args])).stdout;
}

/** A reviewer's copy of a plan and its signature, in a folder of their own. */
export async function downloaded(plan: string, into: string): Promise<string> {
  await rm(dirname(into), { recursive: true, force: true });
  await mkdir(dirname(into));
  for (const end of ['', '.sig']) await cp(`${plan}${end}`, `${into}${end}`);
  return into;
}
