/** Nothing in it means anything to a shell: it may stand in a command that is to be typed, whoever made it up. */
export const isShellWord = (text: string): boolean => /^[\w.:@/+=-]+$/.test(text);
