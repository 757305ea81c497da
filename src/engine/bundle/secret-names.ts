/** How things are called that hold a secret, in YAML, JSON, XML, options and variables of any program. */
const WORDS =
  'passw(?:or)?d|passwd|passphrase|passcode|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|' +
  'auth[_-]?key|cookie|soap_session|session[_-]?(?:id|key|ticket)|ticket|adminpass';

/** Names are shorter: lines of logs may be of any length, and are read in time that grows with it. */
export const NAME_LENGTH_MAX = 100;

export const secretWord = `(?:${WORDS})`;

/** A whole name: words around it belong to it. */
export const secretName = `[\\w.-]{0,${NAME_LENGTH_MAX}}${secretWord}[\\w.-]{0,${NAME_LENGTH_MAX}}`;

export const isSecretName = (name: string): boolean => new RegExp(WORDS, 'i').test(name);

/** Of variables: what is called so may be a URL, too. */
export const isSecretVariable = (name: string): boolean => isSecretName(name) || /webhook/i.test(name);
