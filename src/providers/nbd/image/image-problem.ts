/** Why an image is not read, in plain words. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';
}
