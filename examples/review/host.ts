const labelOf = (stack: string, characters: number): string =>
  stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    // The number at the end is what tells stacks apart.
    .slice(-characters)
    .replace(/^-|-$/g, "");

/** The host of a stack below a domain: Pulumi Deployments names a pull request's stack `pr-<repository>-<number>`. */
export const hostOf = (stack: string, domain: string): string => `${labelOf(stack, 63)}.${domain}`;

/** The name of a stack's edge among others of a cluster. It begins with a letter, and becomes a part of other names. */
export const edgeOf = (stack: string): string => `review-${labelOf(stack, 20)}`;
