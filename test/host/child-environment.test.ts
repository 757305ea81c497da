import { expect, test } from 'vitest';
import { childEnvironment, withholdFromChildren } from '../../src/host/child-environment.js';

test('programs we start get our environment without what holds secrets, by name or because we took one from it', () => {
  const ours = {
    PATH: '/usr/bin',
    VIRTIO_WIN: '/opt/virtio-win',
    LIBGUESTFS_BACKEND: 'direct',
    GOVC_PASSWORD: 'x',
    OS_PASSWORD: 'x',
    OS_AUTH_URL: 'x',
    CI_JOB_TOKEN: 'x',
    app_secret: 'x',
    VC_LOGIN: 'x',
    HTTPS_PROXY: 'http://u:p@h:1',
    all_proxy: 'http://u:p@h:1',
  };
  withholdFromChildren('VC_LOGIN');
  expect(Object.keys(childEnvironment(ours))).toEqual(['PATH', 'VIRTIO_WIN', 'LIBGUESTFS_BACKEND']);
});
