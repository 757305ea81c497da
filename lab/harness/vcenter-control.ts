import type { Control } from '../vcenter-sim/control/control.js';

export type VcenterControl = {
  readonly [K in keyof Control]: (args?: Parameters<Control[K]>[0]) => Promise<Awaited<ReturnType<Control[K]>>>;
};

/** vcenter-sim's control commands over HTTP, with the types they have in process. */
export function vcenterControl(url: string): VcenterControl {
  return new Proxy({} as VcenterControl, {
    get: (_target, command) => async (args: unknown) => {
      const answer = await fetch(`${url}/${String(command)}`, { method: 'POST', body: JSON.stringify(args ?? {}) });
      const body = (await answer.json()) as { error?: string };
      if (!answer.ok) throw new Error(`vcenter-sim ${String(command)}: ${body.error}`);
      return body;
    },
  });
}
