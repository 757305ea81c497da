import { type Cloud, projectOf } from '../cloud.js';
import type { Project } from '../identity/model.js';
import { Refusal } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import type { Flavor } from './model.js';

interface Use {
  readonly instances: number;
  readonly cores: number;
  readonly ram: number;
}

function usageOf(cloud: Cloud, projectId: string): Use {
  const own = [...cloud.compute.servers.values()].filter((server) => server.projectId === projectId);
  const sum = (value: (flavor: Flavor) => number) => own.reduce((total, { flavor }) => total + value(flavor), 0);
  return { instances: own.length, cores: sum(({ vcpus }) => vcpus), ram: sum(({ ramMiB }) => ramMiB) };
}

const limitsOf = ({ quota }: Project): Use => ({ instances: quota.instances, cores: quota.cores, ram: quota.ramMiB });

/** Refuses with 403 when the flavor does not fit, naming every limit it breaks. */
export function checkServerQuota(cloud: Cloud, project: Project, flavor: Flavor): void {
  const asked: Use = { instances: 1, cores: flavor.vcpus, ram: flavor.ramMiB };
  const used = usageOf(cloud, project.id);
  const limits = limitsOf(project);
  const over = (['cores', 'instances', 'ram'] as const).filter((key) => limits[key] >= 0 && used[key] + asked[key] > limits[key]);
  if (over.length === 0) return;
  const join = (numbers: Use) => over.map((key) => numbers[key]).join(', ');
  const names = over.join(', ');
  throw new Refusal(
    403,
    `Quota exceeded for ${names}: Requested ${join(asked)}, but already used ${join(used)} of ${join(limits)} ${names}`,
  );
}

export function computeQuotaRoutes(cloud: Cloud): Route[] {
  return [
    secured('GET', '/limits', ({ token }) => {
      const project = projectOf(token);
      const used = usageOf(cloud, project.id);
      const absolute = {
        maxTotalInstances: project.quota.instances,
        totalInstancesUsed: used.instances,
        maxTotalCores: project.quota.cores,
        totalCoresUsed: used.cores,
        maxTotalRAMSize: project.quota.ramMiB,
        totalRAMUsed: used.ram,
        maxTotalKeypairs: 100,
        maxServerMeta: 128,
      };
      return { status: 200, body: { limits: { rate: [], absolute } } };
    }),
  ];
}
