import { expect, test } from 'vitest';
import { fmtView } from '../../src/views/fmt/view.js';
import { RecordingStreams, viewOptions } from './streams.js';

const one = { path: 'manifests/web\n01.yaml', before: 'a:   1\nb: 2\r\n', after: 'a: 1\nb: 2\r\n' };
const kept = { severity: 'warning', code: 'MP1041', detail: 'x.yaml is left as it is' } as const;

test.each(['human', 'json'] as const)('%s', async (format) => {
  const streams = new RecordingStreams();
  const view = fmtView(viewOptions(streams, { format }));
  const title = (text: string): void => streams.out(`\n===== ${text}\n`);
  title('names');
  view.formatted({ reformatted: [one], diagnostics: [kept] }, { withDiff: false });
  title('differences');
  view.formatted({ reformatted: [one], diagnostics: [] }, { withDiff: true });
  title('nothing to do');
  view.formatted({ reformatted: [], diagnostics: [] }, { withDiff: false });
  title('a text');
  view.text({ reformatted: [one], diagnostics: [], text: 'a: 1\n' });
  title('a text with an error');
  view.text({ reformatted: [], diagnostics: [{ ...kept, severity: 'error' }] });
  await expect(streams.text).toMatchFileSnapshot(`../golden/fmt-view.${format}.txt`);
});
