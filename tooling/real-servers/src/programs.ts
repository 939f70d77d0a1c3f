// Which programs a test needs are on this machine.

/** The name of a program. */
export type Program = string;
