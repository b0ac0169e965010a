/** The environment of everything that runs in the lab. It has the lab's trust, cluster and accounts, and none of the machine's. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ca, cache, clone, kubeconfig, name, pulumiHome, pulumiLogs, run } from "../layout";
import { tokens } from "../outside/cloudflare/account";
import { linkPlugins } from "../programs/plugins";
import type { Programs } from "../service";

const bin = join(run, "bin");
const home = join(run, "home");

/** Programs that people and daemons call by name. */
const called = [
  "kube",
  "kubectl",
  "etcd",
  "kubelet",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "http3",
  "prometheus",
  "promtool",
  "helm",
  "pulumi-language-nodejs",
  "pulumi-language-python",
  "pulumi-language-python-exec",
  "pulumi-language-yaml",
];

/** Lays out the directories and returns the variables. */
export const makeEnvironment = async (programs: Programs): Promise<Record<string, string>> => {
  rmSync(bin, { recursive: true, force: true });
  for (const directory of [bin, home, join(pulumiHome, "state")]) mkdirSync(directory, { recursive: true });
  for (const program of called) symlinkSync(programs.bin(program), join(bin, program));
  // The engine and its plugins end soon: a garbage collector that comes more rarely saves a fifth of a preview's processor time.
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\nGOGC=400 exec ${programs.bin("pulumi")} "$@"\n`, { mode: 0o755 });
  // Pulumi's automatic log takes half of each command's time here, and no setting turns it off. A file in place of its directory does.
  rmSync(pulumiLogs, { recursive: true, force: true });
  writeFileSync(pulumiLogs, "");
  await linkPlugins(programs, join(pulumiHome, "plugins"));
  return {
    LAB: name,
    LAB_RUN: run,
    HOME: home,
    PATH: [
      bin,
      dirname(process.execPath),
      join(clone, "node_modules", ".bin"),
      "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    ].join(":"),
    LANG: "C.UTF-8",
    TERM: process.env.TERM ?? "dumb",
    LAB_CACHE: cache,
    // What Node has compiled once it need not compile in the next of many short commands.
    NODE_COMPILE_CACHE: join(cache, "compiled"),
    KUBECONFIG: kubeconfig,
    CONTAINERD_NAMESPACE: "k8s.io",
    CLOUDFLARE_API_TOKEN: tokens.deploy,
    SSL_CERT_FILE: ca.bundle,
    NODE_EXTRA_CA_CERTS: ca.bundle,
    CURL_CA_BUNDLE: ca.bundle,
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: `file://${join(pulumiHome, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "lab",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
};

/**
 * Writes the script behind `lab run`. It enters the namespaces and sets the environment without starting Node. The caller's own variables
 * stay outside.
 */
export const writeRunner = (path: string, enter: string[], environment: Record<string, string>): void => {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const variables = Object.entries(environment).map(([key, value]) => quote(`${key}=${value}`));
  // When `lab run` is killed, its command must end too.
  const words = [...enter, "setpriv", "--pdeathsig", "TERM", "env", "-i"].map(quote);
  writeFileSync(path, `#!/usr/bin/env bash\nexec ${words.join(" ")} --chdir="$PWD" ${variables.join(" ")} "$@"\n`);
  chmodSync(path, 0o755);
};
