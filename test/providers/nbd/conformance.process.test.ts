import { open } from 'node:fs/promises';
import { describeSourceProvider } from '../../conformance/source-provider.js';
import { MachineFolder, MiB } from './machine-folder.js';

describeSourceProvider(
  'machines of image files',
  async () => {
    const folder = await MachineFolder.make();
    const files = [await folder.raw('root.raw', { at: [0, 3 * MiB] }), folder.at('data.qcow2')];
    folder.qemuImg('create', '-q', '-f', 'qcow2', 'data.qcow2', '6M');
    await folder.machine({
      disks: [
        { path: 'root.raw', format: 'raw' },
        { path: 'data.qcow2', format: 'qcow2' },
      ],
      nics: [{ mac: '52:54:00:12:34:56', network: 'prod' }],
    });
    return {
      provider: await folder.open(),
      selector: { kind: 'server', server: 'web01' },
      prefix: 'conformance',
      // Not by QEMU, which would not be let in.
      write: async (disk, { offset, length }) => {
        await using file = await open(files[disk]!, 'r+');
        await file.write(Buffer.alloc(length, 7), 0, length, offset);
      },
      pause: async () => undefined,
      cleanUp: () => folder[Symbol.asyncDispose](),
    };
  },
  'nbd',
);
