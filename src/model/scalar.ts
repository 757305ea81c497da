/** A value that is no list and no mapping. */
export type Scalar = string | number | boolean;
