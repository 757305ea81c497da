import { DiagnosticsError } from '../../diag/diagnostic.js';
import { loadProject } from '../../manifest/load.js';
import { Runtime, type RuntimeOptions } from '../../runtime.js';

/** The composition root for whoever asks for nothing but the state. */
export class StateRuntime extends Runtime {
  /** However broken manifests are. undefined: there is no Project here. Throws DiagnosticsError where it is wrong. */
  static async openForState(options: RuntimeOptions): Promise<StateRuntime | undefined> {
    const loaded = await loadProject(options);
    if (loaded.project !== undefined) return new StateRuntime(loaded, loaded.project, options.env);
    if (loaded.files.length === 0) return undefined;
    throw new DiagnosticsError(loaded.diagnostics.filter(({ severity }) => severity === 'error'));
  }
}
