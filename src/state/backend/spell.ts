/** Names come from manifests and plan files; none of them may leave the folder. */
export const fileName = (name: string): string => encodeURIComponent(name).replace(/\./g, '%2E');

/** The name again; as it is where somebody else called a file so. */
export function nameOfFile(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
