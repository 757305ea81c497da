import { type ServerId, serverId, type VolumeId, volumeId } from '../../../model/ids.js';
import type { CloudClient } from '../http/cloud-client.js';
import { conflict, notFound } from '../http/errors.js';
import { getServer, listServers } from '../objects/servers.js';

export interface NamedServer {
  readonly id: ServerId;
  readonly name: string;
}

/** A volume as the server lists it. The tag is told from microversion 2.70 on. */
export interface ServerVolume {
  readonly volume: VolumeId;
  readonly tag?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The server that volumes are attached to, looked up once by the name or id in the Project. */
export class ConversionServer {
  private known: NamedServer | undefined;
  constructor(
    private readonly client: CloudClient,
    private readonly nameOrId: string,
  ) {}

  async find(): Promise<NamedServer> {
    this.known ??= await this.lookUp();
    return this.known;
  }

  async volumes(): Promise<ServerVolume[]> {
    const { id } = await this.find();
    const answer = await this.client.ask({ service: 'compute', method: 'GET', path: `/servers/${id}/os-volume_attachments` });
    return answer
      .at('volumeAttachments')
      .list()
      .map((entry) => {
        const tag = entry.at('tag').optionalText();
        return { volume: volumeId(entry.at('volumeId').text()), ...(tag !== undefined && { tag }) };
      });
  }

  private async lookUp(): Promise<NamedServer> {
    const { client, nameOrId } = this;
    if (UUID.test(nameOrId)) {
      const server = await getServer(client, serverId(nameOrId.toLowerCase()));
      if (server !== undefined) return server;
    }
    const named = (await listServers(client)).filter(({ name }) => name === nameOrId);
    const [server] = named;
    const site = client.site('GET /servers/detail');
    if (server === undefined) {
      throw notFound(site, `there is no conversion host: the project has no server '${nameOrId}'`, [
        'Write in access of the Project the name or id of the server that migplan runs on; it has to be in the project that volumes are made in.',
      ]);
    }
    if (named.length === 1) return server;
    throw conflict(site, `${named.length} servers are named '${nameOrId}': ${named.map(({ id }) => id).join(', ')}`, [
      'Write the id of the conversion host in access of the Project.',
    ]);
  }
}
