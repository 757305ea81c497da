import type { PlanRules } from '../../model/plan-rules.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { LocatedDocument } from '../base/located.js';
import { rangesOf } from '../base/ranges.js';
import { parseSize } from '../schema/forms.js';
import type { ProjectDocument } from '../schema/project-shape.js';
import type { NotifyConfig, ProjectConfig } from './project-config.js';
import { absolute, type ProjectLocation, toProvider } from './to-provider.js';
import { toState } from './to-state.js';

export const defaultInclude: readonly string[] = ['manifests/**/*.yaml', 'manifests/**/*.yml'];

interface ReadBefore {
  readonly windows: Readonly<Record<string, MaintenanceWindow>>;
  readonly rules: PlanRules;
  readonly notify?: NotifyConfig;
}

/** The Project document, which has passed its schema, as configuration. Windows, rules and notify are read already. */
export function toProjectConfig(
  document: LocatedDocument,
  location: ProjectLocation,
  { windows, rules, notify }: ReadBefore,
): ProjectConfig {
  const { metadata, spec } = document.value as ProjectDocument;
  const providers = Object.entries(spec.providers).map(([name, provider]) => [
    name,
    toProvider(provider, { path: ['spec', 'providers', name], document, location }),
  ]);
  return {
    name: metadata.name,
    file: document.file,
    folder: location.folder,
    providers: Object.fromEntries(providers),
    conversionHost: spec.conversionHost ?? { executor: 'local' },
    include: spec.include ?? defaultInclude,
    defaults: spec.defaults ?? {},
    windows,
    rules,
    ...(notify === undefined ? {} : { notify }),
    state: toState(document, location),
    ...(spec.trust === undefined ? {} : { trust: { path: absolute(spec.trust, location), shown: spec.trust } }),
    limits: {
      transfers: spec.limits?.transfers ?? 2,
      ...(spec.limits?.rateFile === undefined ? {} : { rateFile: absolute(spec.limits.rateFile, location) }),
      batchBytes: parseSize(spec.limits?.batch ?? '8GiB'),
    },
    variables: spec.variables ?? {},
    environments: spec.environments ?? {},
    ranges: rangesOf(document.value, document),
  };
}
