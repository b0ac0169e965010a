/** Amounts of processor and memory, as Kubernetes writes them: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */

/** What is wrong with an amount of processor. */
export const checkCpu = (quantity: string): string | undefined =>
  /^([1-9]\d{0,5}m|[1-9]\d{0,2}|\d{1,3}\.\d{1,3})$/.test(quantity) && Number.parseFloat(quantity) > 0
    ? undefined
    : `must be an amount of processor such as 500m or 2, got "${quantity}" (thousandths of a processor with "m", whole ones without)`;

/** Bytes of each unit. */
const units = { Ki: 1_024, Mi: 1_048_576, Gi: 1_073_741_824 };

/** Bytes of a whole number of one of the units; not a number when it is none. */
export const bytes = (quantity: string, ...among: (keyof typeof units)[]): number => {
  const [, amount, unit] = /^([1-9]\d{0,5})(\w+)$/.exec(quantity) ?? [];
  const found = among.find((each) => each === unit);
  return found ? Number(amount) * units[found] : Number.NaN;
};

/** What is wrong with an amount of memory. */
export const checkMemory = (quantity: string): string | undefined =>
  bytesOfMemory(quantity) > 0
    ? undefined
    : `must be an amount of memory such as 256Mi or 1Gi, got "${quantity}" (a whole number of Mi or Gi)`;

/** Bytes of an amount of memory; not a number when it is none. */
export const bytesOfMemory = (quantity: string): number => bytes(quantity, "Mi", "Gi");
