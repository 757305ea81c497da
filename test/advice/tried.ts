/** One way of trying an advice: it fails unless what the advice names exists and leads out. */
export interface Trial {
  /** As the scan writes it: what varies is `<…>`. */
  readonly advice: string;
  readonly run: () => void | Promise<void>;
}

/** Whether this next step is an instance of that advice. */
export function isInstance(step: string, advice: string): boolean {
  const parts = advice.split('<…>').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(step);
}
