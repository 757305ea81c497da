import { DiagnosticsError } from '../diag/diagnostic.js';
import { manifestBytesMax } from '../manifest/files/read-manifest.js';

/** All of it, to its end. Throws DiagnosticsError when it is longer than a manifest may be. */
export async function readStdin(input: AsyncIterable<Buffer | string> = process.stdin): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > manifestBytesMax) throw tooLong();
  }
  return Buffer.concat(chunks);
}

const tooLong = (): DiagnosticsError =>
  new DiagnosticsError([
    { severity: 'error', code: 'MP1012', detail: `stdin has more than ${manifestBytesMax} bytes, which no manifest has` },
  ]);
