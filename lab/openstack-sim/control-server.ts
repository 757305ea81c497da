import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HypervisorConfig, ProjectQuota } from './config.js';
import type { Control, VolumeChange } from './control.js';
import type { NewVolume } from './control-volume.js';
import type { FaultRule } from './fault-rule.js';
import { readBody, sendReply } from './http-server.js';
import type { ListOrder } from './wire/list-order.js';
import { type Call, isObject, type JsonObject, type Reply } from './wire/message.js';
import { matchRoute, type Route } from './wire/route.js';

type Handler = (params: Readonly<Record<string, string>>, body: JsonObject) => unknown;

/** The control API: the functions of Control as JSON over HTTP, one path each. Errors are 400 `{"error": "..."}`. */
export function controlRoutes(control: Control): Route[] {
  const route = (method: string, pattern: string, handle: Handler): Route => ({
    method,
    pattern,
    open: true,
    handle: ({ params, body }: Call) => ({ status: 200, body: handle(params, isObject(body) ? body : {}) ?? {} }),
  });
  const named = (params: Readonly<Record<string, string>>, key: string) => params[key] ?? '';
  return [
    route('GET', '/volumes', () => control.volumes()),
    route('POST', '/volumes', (_, body) => control.createVolume(body as unknown as NewVolume)),
    route('PATCH', '/volumes/{id}', (params, body) => control.changeVolume(named(params, 'id'), body as VolumeChange)),
    route('DELETE', '/volumes/{id}', (params) => control.removeVolume(named(params, 'id'))),
    route('GET', '/servers', () => control.servers()),
    route('GET', '/attachments', () => control.attachments()),
    route('GET', '/snapshots', () => control.snapshots()),
    route('GET', '/claims', () => control.claims()),
    route('DELETE', '/claims/{number}', (params) => control.forgetClaim(Number(named(params, 'number')))),
    route('GET', '/frozen-volumes', () => control.frozenVolumes()),
    route('PATCH', '/servers/{id}', (params, body) => control.giveServer(named(params, 'id'), body)),
    route('GET', '/ports', () => control.ports()),
    route('GET', '/calls', () => control.calls()),
    route('DELETE', '/calls', () => control.clearCalls()),
    route('DELETE', '/tokens', () => control.expireTokens()),
    route('POST', '/faults', (_, body) => ({ id: control.addFault(body as unknown as FaultRule) })),
    route('DELETE', '/faults', () => control.clearFaults()),
    route('PATCH', '/quotas/{project}', (params, body) =>
      control.setQuota(named(params, 'project'), body as Partial<ProjectQuota>),
    ),
    route('PATCH', '/hypervisor', (_, body) => control.setHypervisor(body as Partial<HypervisorConfig>)),
    route('PATCH', '/list-order', (_, body) => control.setListOrder(body as ListOrder)),
  ];
}

export function createControlListener(control: Control): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = controlRoutes(control);
  return (request, response) => {
    readBody(request)
      .then((text) => sendReply(response, answer(routes, request, text)))
      .catch(() => response.destroy());
  };
}

function answer(routes: readonly Route[], { method = 'GET', url = '/' }: IncomingMessage, text: string): Reply {
  const { pathname } = new URL(url, 'http://127.0.0.1');
  const match = matchRoute(routes, method, decodeURIComponent(pathname));
  if (match === undefined) return { status: 404, body: { error: `there is no ${method} ${pathname}` } };
  try {
    const call = { params: match.params, body: text === '' ? {} : JSON.parse(text) } as Call;
    return match.route.handle(call);
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}
