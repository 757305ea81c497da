import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { readPlan } from '../cli/read-plan.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { DiagnosticsError, hasErrors } from '../diag/diagnostic.js';
import { loadProject } from '../manifest/load.js';
import { manifestGraph, planGraph } from '../views/graph/graphs.js';
import { graphView } from '../views/graph/view.js';

export default class Graph extends BaseCommand {
  static override summary = 'Draw VMs, disks, steps, waves and windows as a graph in the DOT language. No network.';
  static override description =
    'Of a saved plan with --plan: each VM with its disks and its steps in their order. Without one, of the manifests: where each VM comes from ' +
    'and goes to. The same input gives the same text.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --plan plan.json | dot -Tsvg -o plan.svg',
    '<%= config.bin %> <%= command.id %> --selector wave=10',
  ];
  static override flags = {
    plan: Flags.string({ summary: 'Saved plan.', helpValue: 'FILE', exclusive: [...Object.keys(selectionFlags), 'env', 'var'] }),
    ...projectFlags,
    ...selectionFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Graph);
    const view = graphView(this.viewOptions(flags));
    if (flags.plan !== undefined) return view.graph(planGraph(await readPlan(this.path(flags, flags.plan))));
    const loaded = await loadProject({ ...settingsOf(flags), cwd: this.folder(flags), env: process.env });
    if (hasErrors(loaded.diagnostics)) throw new DiagnosticsError(loaded.diagnostics);
    view.graph(manifestGraph(selectOrRefuse(loaded, flags).selected));
  }
}
