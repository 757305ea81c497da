/** Node's and undici's codes for a connection that never carried a byte of the request: sending it again cannot do it twice. */
export const notConnectedCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];
