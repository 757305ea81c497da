const ESC = '\u001b';
const PARTS = new RegExp(`${ESC}\\[\\d*[A-Za-z]|[\\s\\S]`, 'gu');
const CONTROL = new RegExp(`^${ESC}\\[(\\d*)([A-Za-z])$`);

/**
 * What a terminal shows in the end: a screen of some size, and what has scrolled off its top. Knows what migplan writes: text, line
 * breaks, carriage return, cursor up, erase to the end, colours. A screen that is made narrower wraps again what it shows, as VTE does.
 */
export class Screen {
  private lines: string[] = [''];
  private row = 0;
  private column = 0;

  constructor(private columns: number) {}

  write(text: string): void {
    for (const [part] of text.matchAll(PARTS)) this.take(part);
  }

  resize(columns: number): void {
    const before = this.lines;
    this.lines = before.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? ['']);
    this.row += this.lines.length - before.length;
    this.columns = columns;
  }

  shown(): string[] {
    return this.lines.map((line) => line.trimEnd());
  }

  private take(part: string): void {
    const control = CONTROL.exec(part);
    if (control !== null) return this.control(Number(control[1] || 1), control[2]!);
    if (part === '\r') this.column = 0;
    else if (part === '\n') this.lineBreak();
    else this.put(part);
  }

  private control(count: number, name: string): void {
    if (name === 'A') this.row = Math.max(0, this.row - count);
    if (name !== 'J') return;
    this.lines.length = this.row + 1;
    this.lines[this.row] = this.lines[this.row]!.slice(0, this.column);
  }

  private lineBreak(): void {
    this.row++;
    this.column = 0;
    this.lines[this.row] ??= '';
  }

  private put(character: string): void {
    if (this.column >= this.columns) this.lineBreak();
    const line = this.lines[this.row]!.padEnd(this.column);
    this.lines[this.row] = line.slice(0, this.column) + character + line.slice(this.column + 1);
    this.column++;
  }
}
