/** Charts as plain objects, by Helm's own command line. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { loadAll } from "js-yaml";
import type { Chart, Manifest } from "./collect";

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
  const args = [
    "template",
    name,
    chart,
    "--version",
    version,
    "--namespace",
    namespace,
    crds,
    "--skip-tests",
    "--kube-version",
    kubeVersion,
  ];
  const rendered = await helm([...args, "--values", "-"], JSON.stringify(values));
  return (loadAll(rendered) as (Manifest | null)[]).filter((each) => each !== null && isKept(each)) as Manifest[];
};

const isKept = ({ metadata }: Manifest): boolean => {
  const hook = metadata.annotations?.["helm.sh/hook"];
  return hook === undefined || hook.split(/ *, */).includes(wanted);
};

const helm = (args: string[], input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn("helm", args);
    child.on("error", ({ message }) =>
      reject(new Error(`helm must be installed and on PATH, got ${message} (https://helm.sh/docs/intro/install/)`)),
    );
    child.stdin.on("error", () => {}).end(input);
    const told = Promise.all([text(child.stdout), text(child.stderr)]);
    child.on("close", (code) => {
      told.then(([stdout, stderr]) =>
        code === 0
          ? resolve(stdout)
          : reject(
              new Error(
                `helm ${args.join(" ")} must succeed, got ${/^Error: (.*)/m.exec(stderr)?.[1] ?? stderr.trim()}`,
              ),
            ),
      );
    });
  });
