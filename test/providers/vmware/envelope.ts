/** Envelopes as vCenter writes them, for tests that need an exact answer. */
const NAMESPACES =
  'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope ${NAMESPACES}>\n<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>\n`;

export const response = (method: string, returned: string): string =>
  envelope(`<${method}Response xmlns="urn:vim25">${returned}</${method}Response>`);

export const fault = (type: string, fields = '', text = 'said no'): string =>
  envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${text}</faultstring>` +
      `<detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}">${fields}</${type}Fault></detail></soapenv:Fault>`,
  );

/** The one property `val` of one object, as RetrievePropertiesEx answers it. */
export const property = (name: string, val: string): string =>
  response(
    'RetrievePropertiesEx',
    `<returnval><objects><obj type="VirtualMachine">vm-42</obj><propSet><name>${name}</name>${val}</propSet></objects></returnval>`,
  );

export const SERVICE_CONTENT = response(
  'RetrieveServiceContent',
  '<returnval><rootFolder type="Folder">group-d1</rootFolder><propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
    '<viewManager type="ViewManager">ViewManager</viewManager><about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 8.0.3</fullName>' +
    '<vendor>VMware, Inc.</vendor><version>8.0.3</version><build>1</build><osType>linux-x64</osType><productLineId>vpx</productLineId>' +
    '<apiType>VirtualCenter</apiType><apiVersion>8.0.3.0</apiVersion><instanceUuid>aaaa-bbbb</instanceUuid></about>' +
    '<sessionManager type="SessionManager">SessionManager</sessionManager><searchIndex type="SearchIndex">SearchIndex</searchIndex></returnval>',
);

export const LOGIN = response('Login', '<returnval><key>52aa</key><userName>svc</userName></returnval>');
