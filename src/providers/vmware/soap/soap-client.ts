import Client, { type SoapHttpClient, type SoapOperation } from 'strong-soap/src/client.js';
import QName from 'strong-soap/src/parser/qname.js';
import WSDL from 'strong-soap/src/parser/wsdl.js';
import { VIM_NAMESPACE, wsdlDocument } from '../wsdl/document.js';
import type { MethodName, Methods } from '../wsdl/methods.js';
import type { Moref, Returned, SentArguments } from '../wsdl/vim.js';
import { decodeAnswer } from './decode.js';
import { encodeArguments } from './encode.js';
import { TransportFailure } from './failure.js';
import type { Exchange, SoapTransport } from './transport.js';

const OPERATION_ID = new QName(VIM_NAMESPACE, 'operationID', '');

interface CallOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Unique among the calls in flight; vCenter writes it into its logs. */
  readonly operationId: string;
}

/**
 * vim25 calls. strong-soap builds the requests from the WSDL; HTTP and answers are ours, by its two seams: an httpClient,
 * because its own never looks at the status and shares cookies in the process, and the handler's xmlToJson, because its
 * own turns empty and truncated answers into null, keeps numbers as strings and collapses lists of one.
 */
export class SoapClient {
  private readonly exchanges = new Map<string, Exchange>();

  private client: Promise<Client> | undefined;
  private decoding = '';

  /** Reads no WSDL yet: that takes as long as a login to a cloud, which need not wait for it. */
  constructor(
    private readonly endpoint: string,
    private readonly transport: SoapTransport,
  ) {}

  /** One call, once. Throws VimFault or TransportFailure. */
  async call<Name extends MethodName>(
    method: Name,
    self: Moref,
    values: SentArguments<Methods[Name]>,
    { operationId, ...options }: CallOptions,
  ): Promise<Returned<Methods[Name]>> {
    const { body, secrets } = encodeArguments(method, self, values);
    this.exchanges.set(operationId, { call: method, operationId, secrets, ...options });
    try {
      this.client ??= this.open();
      const answer = await this.invoke(await this.client, method, { body, operationId });
      if (answer === undefined) throw new TransportFailure('unreadable', method, 'the answer belongs to another call');
      return answer.value as Returned<Methods[Name]>;
    } finally {
      this.exchanges.delete(operationId);
    }
  }

  get certificate() {
    return this.transport.certificate;
  }

  private async open(): Promise<Client> {
    const httpClient: SoapHttpClient = {
      options: { prettyPrint: false },
      request: (_url, xml, callback, _headers, options) => {
        const exchange = this.exchanges.get(String(options['operationId']))!;
        this.transport.post(xml, exchange).then((answer) => {
          // The callback decodes before it returns.
          this.decoding = exchange.call;
          callback(null, {}, answer);
        }, callback);
      },
    };
    const options = { httpClient, WSDL_CACHE: {} };
    const wsdl = await new Promise<WSDL>((resolve, reject) => {
      new WSDL(wsdlDocument(this.endpoint), this.endpoint, options).load((error, loaded) =>
        error ? reject(error) : resolve(loaded),
      );
    });
    const client = new Client(wsdl, this.endpoint, options);
    client.xmlHandler.xmlToJson = (_context, xml) => {
      const { method, value } = decodeAnswer(xml, this.decoding);
      return { Body: { [`${method}Response`]: { value } } };
    };
    return client;
  }

  /** strong-soap takes the header from the client, and builds the request before it returns: calls cannot mix them up. */
  private invoke(
    client: Client,
    method: MethodName,
    { body, operationId }: { readonly body: unknown; readonly operationId: string },
  ): Promise<{ readonly value: unknown } | undefined> {
    return new Promise((resolve, reject) => {
      client.clearSoapHeaders();
      client.addSoapHeader({ $value: operationId }, OPERATION_ID);
      const operation = client[method] as SoapOperation;
      operation(
        body,
        (error, result) => (error ? reject(withoutAnswer(error)) : resolve(result as { readonly value: unknown } | undefined)),
        { operationId },
      );
    });
  }
}

/** strong-soap hangs the whole answer onto the errors it passes on. */
function withoutAnswer(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) {
    delete (error as { body?: unknown }).body;
    delete (error as { response?: unknown }).response;
  }
  return error;
}
