/** The host of a stack below a domain: Pulumi Deployments names a pull request's stack `pr-<repository>-<number>`. */
export const hostOf = (stack: string, domain: string): string => {
  const label = stack.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  // A label has 63 characters, and the number at the end is what tells stacks apart.
  return `${label.slice(-63).replace(/^-|-$/g, "")}.${domain}`;
};
