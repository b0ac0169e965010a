/** The cluster, asked with all rights. */
import { kubeconfig } from "../layout";
import { type Options, output } from "../tools/process";
import { until } from "../tools/until";

export const kubectl = (args: string[], options?: Options): Promise<string> =>
  output(["kubectl", `--kubeconfig=${kubeconfig}`, ...args], options);

/** Waits until an object is there and has a condition. When it has not in time, the error tells of the pods, and of what has happened. */
export const condition = (what: string, object: string[], condition: string): Promise<unknown> =>
  until(what, async () => {
    for (const reached of ["create", `condition=${condition}`])
      await kubectl(["wait", ...object, `--for=${reached}`, "--timeout=30s"]);
    return true;
  }).catch(async (error: Error) => {
    const stands = await kubectl(["get", "pods,events", "--all-namespaces", "-o", "wide"]).catch(String);
    throw new Error(`${error.message}\n${stands}`);
  });
