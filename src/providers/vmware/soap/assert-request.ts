import { SaxesParser } from 'saxes';
import { invariant } from '../../../diag/diagnostic.js';
import { VIM_NAMESPACE } from '../wsdl/document.js';

const BODY_DEPTH = 3;

/**
 * Every element of a request's header and body must be in the vim25 namespace: vCenter ignores others without a word,
 * and then does something else than it was asked. The builder puts whatever it does not know into no namespace.
 */
export function assertVimRequest(xml: string, call: string): void {
  const parser = new SaxesParser({ xmlns: true });
  let depth = 0;
  parser.on('opentag', ({ uri, local }) => {
    depth++;
    invariant(depth < BODY_DEPTH || uri === VIM_NAMESPACE, `${call}: <${local}> would be sent in namespace '${uri}'`);
  });
  parser.on('closetag', () => {
    depth--;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
}
