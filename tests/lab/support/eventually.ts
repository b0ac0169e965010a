/** Assertions on what follows a change with a delay. */
import { until } from "../../../lab";

/** Asserts again until the assertion holds; when it does not in time, the error tells how it failed last. */
export const eventually = async (what: string, assertion: () => Promise<void>): Promise<void> => {
  await until(what, async () => {
    await assertion();
    return true;
  });
};
