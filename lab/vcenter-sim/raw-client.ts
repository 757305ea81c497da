import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { VcenterSim } from './index.js';
import { readXml, type XmlElement } from './soap/read-xml.js';
import type { VddkOpenAnswer } from './vddk-endpoint.js';

/** An answer, looked at without any knowledge of types. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
  /** `returnval` elements. */
  readonly results: readonly XmlElement[];
  /** `xsi:type` of the fault, if it is one. */
  readonly fault: string | undefined;
  readonly faultDetail: XmlElement | undefined;
}

export const VM = '<_this type="VirtualMachine">vm-1</_this>';
export const COLLECTOR = '<_this type="PropertyCollector">propertyCollector</_this>';

/** Speaks to the simulator in hand-written XML, for its tests. */
export class RawClient {
  cookie: string | undefined;
  private readonly ca: Buffer;

  constructor(private readonly sim: Pick<VcenterSim, 'server' | 'caFile'>) {
    this.ca = readFileSync(sim.caFile);
  }

  static async loggedIn(sim: VcenterSim, password = 'secret'): Promise<RawClient> {
    const client = new RawClient(sim);
    await client.login(password);
    return client;
  }

  login(password = 'secret'): Promise<RawAnswer> {
    const fields = `<userName>admin</userName><password>${password}</password>`;
    return this.call('Login', `<_this type="SessionManager">SessionManager</_this>${fields}`);
  }

  /** Sends one call; `inner` is everything within its element. */
  call(method: string, inner: string): Promise<RawAnswer> {
    return this.post(`<${method} xmlns="urn:vim25">${inner}</${method}>`);
  }

  /** Sends a body as it is. */
  async post(payload: string, options: { action?: string; contentType?: string } = {}): Promise<RawAnswer> {
    const text = `<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>${payload}</e:Body></e:Envelope>`;
    const headers = {
      'Content-Type': options.contentType ?? 'text/xml; charset="utf-8"',
      SOAPAction: options.action ?? 'urn:vim25/6.7',
      'Content-Length': Buffer.byteLength(text),
      ...(this.cookie === undefined ? {} : { Cookie: `vmware_soap_session=${this.cookie}` }),
    };
    const answer = await this.exchange('/sdk', text, headers);
    return toRawAnswer(answer.status, answer.body);
  }

  private exchange(
    path: string,
    text: string,
    headers: Record<string, string | number>,
  ): Promise<{ status: number; body: string }> {
    const [host, port] = this.sim.server.split(':');
    return new Promise((done, fail) => {
      const call = request({ host, port, path, method: 'POST', ca: this.ca, headers, agent: false }, (response) => {
        const cookie = /vmware_soap_session=([^;]+);/.exec(response.headers['set-cookie']?.[0] ?? '')?.[1];
        if (cookie !== undefined) this.cookie = cookie;
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, body }));
        response.on('error', fail);
      });
      call.on('error', fail);
      call.end(text);
    });
  }

  /** Opens a disk as the stand-in for nbdkit does; this process is then the reader. */
  async openDisk(request: {
    snapshot?: string;
    file: string;
    user?: string;
    password?: string;
    vm?: string;
  }): Promise<VddkOpenAnswer> {
    const body = JSON.stringify({ user: 'admin', password: 'secret', vm: 'vm-1', pid: process.pid, ...request });
    const answer = await this.exchange('/lab/vddk/open', body, { 'Content-Length': Buffer.byteLength(body) });
    return JSON.parse(answer.body) as VddkOpenAnswer;
  }

  /** Properties of one object as elements, by path. */
  async read(ref: { type: string; value: string }, ...paths: readonly string[]): Promise<Map<string, XmlElement>> {
    const pathSet = paths.map((path) => `<pathSet>${path}</pathSet>`).join('');
    const spec = `<specSet><propSet><type>${ref.type}</type>${pathSet}</propSet><objectSet><obj type="${ref.type}">${ref.value}</obj></objectSet></specSet>`;
    const answer = await this.call('RetrievePropertiesEx', `${COLLECTOR}${spec}<options/>`);
    if (answer.fault !== undefined) throw new Error(`fault ${answer.fault}`);
    const content = child(answer.results[0]!, 'objects');
    return new Map(all(content, 'propSet').map((set) => [child(set, 'name').text, child(set, 'val')]));
  }

  /** Starts a task and follows it to its end. Throws `TaskError` text with the fault's type when it fails. */
  async task(method: string, inner: string): Promise<string | undefined> {
    const answer = await this.call(method, inner);
    if (answer.fault !== undefined) throw new Error(`fault ${answer.fault}`);
    for (;;) {
      const info = (await this.read({ type: 'Task', value: answer.results[0]!.text }, 'info')).get('info')!;
      const state = child(info, 'state').text;
      if (state === 'error') throw new Error(`task ${child(child(info, 'error'), 'fault').xsiType?.local}`);
      if (state === 'success') return find(info, 'result')?.text;
    }
  }

  async createSnapshot(name = 's'): Promise<string> {
    return (await this.task('CreateSnapshot_Task', `${VM}<name>${name}</name><memory>false</memory><quiesce>false</quiesce>`))!;
  }

  async removeSnapshot(moref: string): Promise<void> {
    await this.task(
      'RemoveSnapshot_Task',
      `<_this type="VirtualMachineSnapshot">${moref}</_this><removeChildren>false</removeChildren>`,
    );
  }

  /** The disks in a snapshot's own configuration. */
  async snapshotDisks(moref: string): Promise<XmlElement[]> {
    const path = 'config.hardware.device';
    return disksIn((await this.read({ type: 'VirtualMachineSnapshot', value: moref }, path)).get(path)!);
  }

  /** The id a snapshot's first disk has; empty when it is not tracked. */
  async changeIdOf(moref: string): Promise<string> {
    return find(child((await this.snapshotDisks(moref))[0]!, 'backing'), 'changeId')?.text ?? '';
  }

  /** One QueryChangedDiskAreas. */
  changedAreas(query: { snapshot?: string; changeId: string; startOffset?: number; deviceKey?: number }): Promise<RawAnswer> {
    const snapshot = query.snapshot === undefined ? '' : `<snapshot type="VirtualMachineSnapshot">${query.snapshot}</snapshot>`;
    const rest = `<deviceKey>${query.deviceKey ?? 2000}</deviceKey><startOffset>${query.startOffset ?? 0}</startOffset><changeId>${query.changeId}</changeId>`;
    return this.call('QueryChangedDiskAreas', `${VM}${snapshot}${rest}`);
  }
}

function toRawAnswer(status: number, body: string): RawAnswer {
  if (!body.startsWith('<?xml')) return { status, body, results: [], fault: undefined, faultDetail: undefined };
  const payload = child(readXml(body), 'Body').children[0]!;
  const detail = find(payload, 'detail')?.children[0];
  return { status, body, results: all(payload, 'returnval'), fault: detail?.xsiType?.local, faultDetail: detail };
}

export const all = (element: XmlElement, name: string): XmlElement[] => element.children.filter(({ local }) => local === name);
export const find = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find(({ local }) => local === name);

export function child(element: XmlElement, name: string): XmlElement {
  const found = find(element, name);
  if (found === undefined) throw new Error(`<${element.local}> has no <${name}>`);
  return found;
}

/** Follows names downwards. */
export const at = (element: XmlElement, ...names: readonly string[]): XmlElement => names.reduce(child, element);

export const disksIn = (devices: XmlElement): XmlElement[] =>
  devices.children.filter(({ xsiType }) => xsiType?.local === 'VirtualDisk');

/** Where the areas of a DiskChangeInfo start. */
export const areaStarts = (result: XmlElement): number[] =>
  all(result, 'changedArea').map((area) => Number(at(area, 'start').text));
