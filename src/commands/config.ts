import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { DiagnosticsError, hasErrors } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { renderConfig } from '../engine/render-config.js';
import { loadProject } from '../manifest/load.js';
import { documentKinds, documentSchemaText } from '../manifest/schema/schema.js';
import { configView } from '../views/config/view.js';

/** What only one of the two heeds. */
const ofProject = ['env', 'var', 'selector', 'target', 'exclude', 'phase'] as const;
const ofSchema = ['kind'] as const;

export default class Config extends BaseCommand {
  static override summary = 'Show what the files come to, and where each value comes from; or their schema. Reads files only.';
  static override description =
    '"render" prints the Project and its manifests, or only those that are named, as migplan takes them: defaults, overlay and variables ' +
    'merged in, each value with the file and line it stands at. Secrets stay the references that name them. "schema" prints the JSON Schema of what people write: manifests, the Project, overlays, trust policies.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> render',
    '<%= config.bin %> <%= command.id %> render --target vm/erp-db01 --env prod --json',
    '<%= config.bin %> <%= command.id %> schema --kind Overlay',
  ];
  static override args = {
    what: Args.string({ options: ['render', 'schema'], required: true, ignoreStdin: true, description: 'What to show.' }),
  };
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    kind: Flags.option({ options: documentKinds })({ summary: 'Of which documents the schema is. Default: Migration.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Config);
    const isSchema = args.what === 'schema';
    const [foreign] = (isSchema ? ofProject : ofSchema).filter((name) => flags[name] !== undefined);
    if (foreign !== undefined) this.error(`--${foreign} cannot be used with ${args.what}`, { exit: exitCodes.error });
    const view = configView(this.viewOptions(flags));
    if (isSchema) return view.schema(documentSchemaText(flags.kind ?? 'Migration'));
    const loaded = await loadProject({
      ...settingsOf(flags),
      cwd: this.folder(flags),
      env: process.env,
      keepsDocuments: true,
    });
    if (hasErrors(loaded.diagnostics)) throw new DiagnosticsError(loaded.diagnostics);
    const { selected, patterns } = selectOrRefuse(loaded, flags);
    view.rendered(renderConfig(loaded, patterns.length === 0 ? undefined : selected.map(({ address }) => address)));
  }
}
