/** A host that ssh takes neither for an option, nor for `user@host`, nor for a URI, nor hands to a shell in pieces. */
export const sshHostPattern = '^[A-Za-z0-9_.:][A-Za-z0-9_.:%-]*$';

/** A user may be put into a ProxyCommand, which a shell reads. */
export const sshUserPattern = '^[A-Za-z0-9_.][A-Za-z0-9_.@-]*$';
