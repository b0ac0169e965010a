/** Charts as plain objects, by Helm's own command line. */
import { loadAll } from "js-yaml";
import { run } from "../operations/process";
import type { Chart, Manifest } from "./collect";

const helm = { name: "helm", installation: "https://helm.sh/docs/intro/install/" };

/** What must be there before the rest runs; other hooks wait for something, or test it. */
const wanted = "pre-install";

/**
 * Renders a chart as `helm install` would apply it, hooks that come before included: https://helm.sh/docs/topics/charts_hooks/
 *
 * Errors: Helm's own, in a line; and where Helm is not there, how to have it.
 */
export const render = async (
  { chart, version, name, namespace, values, skipCrds }: Chart,
  kubeVersion: string,
): Promise<Manifest[]> => {
  const crds = skipCrds ? "--skip-crds" : "--include-crds";
  const where = [`--version=${version}`, `--namespace=${namespace}`, `--kube-version=${kubeVersion}`];
  const args = ["template", name, chart, ...where, crds, "--skip-tests", "--values=-"];
  const { code, stdout, stderr } = await run(helm, args, JSON.stringify(values));
  if (code !== 0) {
    const why = /^Error: (.*)/m.exec(stderr)?.[1] ?? stderr.trim();
    throw new Error(`helm ${args.join(" ")} must succeed, got ${why}`);
  }
  return (loadAll(stdout) as (Manifest | null)[]).filter((each): each is Manifest => each !== null && isKept(each));
};

const isKept = ({ metadata }: Manifest): boolean => {
  const hook = metadata.annotations?.["helm.sh/hook"];
  return hook === undefined || hook.split(/ *, */).includes(wanted);
};
