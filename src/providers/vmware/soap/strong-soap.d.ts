/** What we use of strong-soap, which has no types of its own. */
declare module 'strong-soap' {
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
  export class QName {
    constructor(namespace: string, name: string, prefix?: string);
  }
  class Wsdl {
    constructor(text: string, uri: string, options: SoapOptions);
    load(callback: (error: unknown, wsdl: Wsdl) => void): void;
  }
  export type SoapOperation = (
    body: unknown,
    callback: (error: unknown, result?: unknown) => void,
    options: Readonly<Record<string, unknown>>,
  ) => void;
  class Client {
    constructor(wsdl: Wsdl, endpoint: string, options: SoapOptions);
    readonly xmlHandler: { xmlToJson(context: unknown, xml: string, descriptor: unknown): unknown };
    clearSoapHeaders(): void;
    addSoapHeader(value: unknown, qname: QName): void;
    readonly [operation: string]: unknown;
  }
  const strongSoap: {
    readonly soap: { readonly Client: typeof Client; readonly WSDL: typeof Wsdl; readonly QName: typeof QName };
  };
  export default strongSoap;
}
