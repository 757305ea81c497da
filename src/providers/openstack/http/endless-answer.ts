/** An answer that does not end: asking again would take as long. */
export class EndlessAnswer extends Error {
  override readonly name = 'EndlessAnswer';
}
