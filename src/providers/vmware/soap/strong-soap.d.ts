/** What we use of strong-soap, which has no types of its own: the modules that build requests, since the package's own loads all of it. */
declare module 'strong-soap/src/parser/qname.js' {
  export default class QName {
    constructor(namespace: string, name: string, prefix?: string);
  }
}
declare module 'strong-soap/src/parser/wsdl.js' {
  import type { SoapOptions } from 'strong-soap/src/client.js';

  export default class WSDL {
    constructor(text: string, uri: string, options: SoapOptions);
    load(callback: (error: unknown, wsdl: WSDL) => void): void;
  }
}
declare module 'strong-soap/src/client.js' {
  import type QName from 'strong-soap/src/parser/qname.js';
  import type WSDL from 'strong-soap/src/parser/wsdl.js';

  export interface SoapHttpClient {
    readonly options: { readonly prettyPrint: boolean };
    request(
      url: string,
      xml: string,
      callback: (error: unknown, response?: unknown, body?: string) => void,
      headers: Readonly<Record<string, string>>,
      options: Readonly<Record<string, unknown>>,
    ): void;
  }
  export interface SoapOptions {
    readonly httpClient: SoapHttpClient;
    readonly WSDL_CACHE?: Record<string, unknown>;
  }
  export type SoapOperation = (
    body: unknown,
    callback: (error: unknown, result?: unknown) => void,
    options: Readonly<Record<string, unknown>>,
  ) => void;
  export default class Client {
    constructor(wsdl: WSDL, endpoint: string, options: SoapOptions);
    readonly xmlHandler: { xmlToJson(context: unknown, xml: string, descriptor: unknown): unknown };
    clearSoapHeaders(): void;
    addSoapHeader(value: unknown, qname: QName): void;
    readonly [operation: string]: unknown;
  }
}
