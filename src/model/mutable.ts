/** For whoever builds a value bit by bit, before anybody sees it. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
