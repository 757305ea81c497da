import { isProviderError, type ProviderErrorKind } from '../contracts/provider-error.js';
import type { TargetProvider } from '../contracts/target-provider.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { newUuid } from '../host/random.js';
import type { MachineTypeKnowledge } from '../model/machine-types/knowledge.js';
import { machineFamily } from '../model/machine-types/machine-type.js';

/** Booting a server takes seconds to minutes; more types than this are never tried in one run. */
export const PROBES_MAX = 40;
const BOOT_TIMEOUT_MS = 5 * 60_000;

export interface ProbeRun {
  readonly target: TargetProvider;
  readonly types: readonly string[];
  readonly flavor?: string;
  readonly volumeType?: string;
  readonly availabilityZone?: string;
  readonly signal: AbortSignal;
  onProbe(type: string | undefined): void;
  /** Called for what is proven, as soon as it is. */
  onAnswer(type: string, runs: boolean): Promise<void>;
}

export interface ProbeResult {
  readonly type: string;
  /** undefined: nothing can be told. */
  readonly runs: boolean | undefined;
  readonly why: string;
}

export interface ProbeReport {
  readonly results: readonly ProbeResult[];
  readonly diagnostics: readonly Diagnostic[];
}

/** No other type fares better: the cause is not the machine type. */
const hopeless: readonly ProviderErrorKind[] = ['denied', 'unauthenticated', 'untrusted', 'quota', 'not-found', 'unsupported'];

/**
 * A server that does not start says nothing of why. So a failure counts only between two servers without a machine type that
 * did start: then the type is all that differs. A server that starts is proof by itself.
 */
export async function probeMachineTypes(run: ProbeRun): Promise<ProbeReport> {
  const { target, types, signal } = run;
  await target.removeProbes();
  const first = await attempt(run, undefined);
  if (first.runs !== true) return { results: [], diagnostics: [noControl(target.name, first.why)] };
  const results: ProbeResult[] = [];
  const stopped: Diagnostic[] = [];
  for (const type of types.slice(0, PROBES_MAX)) {
    signal.throwIfAborted();
    const result = await attempt(run, type);
    results.push(result);
    if (result.runs === true) await run.onAnswer(type, true);
    if (result.runs === undefined) stopped.push(inconclusive(target.name, result));
    if (result.isHopeless) break;
  }
  const failures = results.filter(({ runs }) => runs === false);
  if (failures.length === 0) return { results, diagnostics: stopped };
  const last = await attempt(run, undefined);
  if (last.runs !== true) {
    const doubtful = results.map((result) => (result.runs === false ? { ...result, runs: undefined } : result));
    return { results: doubtful, diagnostics: [...stopped, noControl(target.name, last.why)] };
  }
  for (const { type } of failures) await run.onAnswer(type, false);
  return { results, diagnostics: stopped };
}

async function attempt(run: ProbeRun, machineType: string | undefined): Promise<ProbeResult & { readonly isHopeless: boolean }> {
  const { target, flavor, volumeType, availabilityZone, signal, onProbe } = run;
  const type = machineType ?? '';
  onProbe(machineType);
  try {
    const { runs, fault } = await target.probeMachineType({
      id: newUuid(),
      timeoutMs: BOOT_TIMEOUT_MS,
      signal,
      ...(machineType !== undefined && { machineType }),
      ...(flavor !== undefined && { flavor }),
      ...(volumeType !== undefined && { volumeType }),
      ...(availabilityZone !== undefined && { availabilityZone }),
    });
    return { type, runs, why: runs ? 'a server started' : (fault ?? 'the server went to ERROR'), isHopeless: false };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { type, runs: undefined, why: error.message, isHopeless: hopeless.includes(error.kind) };
  }
}

const noControl = (provider: string, why: string): Diagnostic => ({
  severity: 'error',
  code: 'MP4010',
  address: `provider/${provider}`,
  detail: `a server without any machine type did not start, so what fails is not the machine type: ${why}`,
  nextSteps: ['see that a server with this flavor, volume type and zone starts: --flavor, --volume-type, --availability-zone'],
});

const inconclusive = (provider: string, { type, why }: ProbeResult): Diagnostic => ({
  severity: 'warning',
  code: 'MP4010',
  address: `provider/${provider}`,
  detail: `nothing was learnt of machine type "${type}": ${why}`,
});

/** What to try when nobody names types: the cloud's list where it is short, else the families and what manifests ask for. */
export function typesToProbe({ declared = [] }: MachineTypeKnowledge, asked: readonly string[]): string[] {
  const usable = declared.filter((type) => ['pc', 'q35'].includes(machineFamily(type)));
  const list = usable.length > 0 && usable.length <= PROBES_MAX ? usable : [];
  const exact = asked.filter((type) => type !== 'preserve' && type !== 'default');
  return [...new Set(['pc', 'q35', ...exact, ...list])].slice(0, PROBES_MAX);
}
