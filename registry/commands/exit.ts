// The exit codes of every `crm-graph schema` command; a pipeline decides by them.

/** Done; refused (does not compose, does not pass, was published by somebody else); could not try; wrong usage. */
export const EXIT = { done: 0, refused: 1, couldNot: 2, wrongUsage: 3 } as const;

/** One of the exit codes. */
export type Exit = (typeof EXIT)[keyof typeof EXIT];
