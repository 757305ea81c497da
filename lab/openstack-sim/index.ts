import { join, resolve } from 'node:path';
import { CallLog } from './call-log.js';
import { createClock } from './clock.js';
import { createCloud } from './cloud.js';
import { plantConversionHost } from './compute/conversion-host.js';
import type { CloudConfig } from './config.js';
import { type Control, createControl } from './control.js';
import { createControlListener } from './control-server.js';
import { Faults } from './faults.js';
import { createFrontDoor } from './front-door.js';
import { createGateway } from './gateway.js';
import { listen } from './http-server.js';
import { resolveConfig } from './resolve-config.js';
import { createTlsMaterial } from './tls.js';

export interface OpenStackSimOptions {
  readonly config: CloudConfig;
  /** Made if absent. The volumes' raw files are in `volumes/`. */
  readonly stateDir: string;
  /** Serve the services over HTTPS with a certificate of a fresh authority. The control API stays plain. */
  readonly tls?: boolean;
  /** `frozen`: time stands still until `control.advance`. */
  readonly clock?: 'real' | 'frozen';
}

/** A running simulated cloud on the loopback address. */
export interface OpenStackSim {
  /** Keystone's URL for clients: `http://127.0.0.1:PORT/identity/v3`. */
  readonly authUrl: string;
  /** Base URL of the control API. */
  readonly controlUrl: string;
  /** PEM file to trust; undefined without TLS. */
  readonly caFile: string | undefined;
  readonly control: Control;
  close(): Promise<void>;
}

/** Starts the cloud. Rejects when the configuration is inconsistent or a port is taken. */
export async function startOpenStackSim(options: OpenStackSimOptions): Promise<OpenStackSim> {
  const config = resolveConfig(options.config);
  const stateDir = resolve(options.stateDir);
  const clock = createClock({ frozen: options.clock === 'frozen' });
  const cloud = createCloud({ config, clock, stateDir });
  plantConversionHost(cloud);
  const faults = new Faults();
  const calls = new CallLog();
  const control = createControl({ cloud, faults, calls });
  const tls = options.tls === true ? createTlsMaterial(join(stateDir, 'tls')) : undefined;
  let baseUrl = '';
  const frontDoor = createFrontDoor({ answer: createGateway(cloud), faults, calls, clock, baseUrl: () => baseUrl });
  const services = await listen(frontDoor, tls);
  baseUrl = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${services.port}`;
  const controls = await listen(createControlListener(control));
  return {
    authUrl: `${baseUrl}/identity/v3`,
    controlUrl: `http://127.0.0.1:${controls.port}`,
    caFile: tls?.caFile,
    control,
    close: async () => {
      clock.close();
      cloud.compute.conversionHost?.devices.close();
      await Promise.all([services.close(), controls.close()]);
    },
  };
}
