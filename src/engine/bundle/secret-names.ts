/** How things are called that hold a secret, in YAML, JSON, XML, options and variables of any program. */
const WORDS =
  'passw(?:or)?d|passwd|passphrase|passcode|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|' +
  'auth[_-]?key|cookie|soap_session|session[_-]?(?:id|key|ticket)|ticket|adminpass';

/** A whole name: words around it belong to it. */
export const secretName = `[\\w.-]*(?:${WORDS})[\\w.-]*`;

export const isSecretName = (name: string): boolean => new RegExp(WORDS, 'i').test(name);

/** Of variables: what is called so may be a URL, too. */
export const isSecretVariable = (name: string): boolean => isSecretName(name) || /webhook/i.test(name);
