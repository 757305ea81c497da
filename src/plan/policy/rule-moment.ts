/** When a plan is judged. A plan that is made is judged for as long as it may be applied, one that is applied for now. */
export interface RuleMoment {
  readonly kind: 'made' | 'applied';
  readonly now: Date;
  /** Until when the plan may be applied. */
  readonly expires: Date;
}
