/** The pages by which the lab tells of what stands for somebody's service, and has it fail. */

export const control = async <T>(url: string, path: string, request?: RequestInit): Promise<T> => {
  const response = await fetch(`${url}${path}`, request);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};

/** Lets requests fail from now on. A request that fits several faults has them all. */
export const fail = (url: string, faults: object[]): Promise<unknown> =>
  control(url, "/faults", { method: "PUT", body: JSON.stringify(faults) });

export const recover = (url: string): Promise<unknown> => control(url, "/faults", { method: "DELETE" });

/** The same while `during` runs. */
export const failing = async (url: string, faults: object[], during: () => Promise<void>): Promise<void> => {
  await fail(url, faults);
  try {
    await during();
  } finally {
    await recover(url);
  }
};
