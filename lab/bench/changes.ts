/**
 * What is done to a running edge, and what of a steady load fails meanwhile. Runs inside the lab, with a project whose stack is up, and prints a
 * row for each change.
 */
import { join } from "node:path";
import { type Outcome, startLoads } from "../client/load";
import { clone } from "../layout";
import { ports } from "../ports";
import { output } from "../tools/process";
import { until } from "../tools/until";

/** Something that is done to a running edge; over when it is done. */
export interface Change {
  what: string;
  make: () => Promise<unknown>;
}

const host = "whoami.staging.example.com";

const kubectl = (...args: string[]): Promise<string> => output(["kubectl", ...args]);
const system = ["-n", "envoy-gateway-system"];
const proxies = ["-l", "gateway.envoyproxy.io/owning-gateway-name=eg"];
const rolledOut = ["rollout", "status", "deployment", "--timeout=180s"];

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
}

const allProxies = async (): Promise<Pod[]> =>
  JSON.parse(await kubectl("get", "pods", ...system, ...proxies, "-o", "json")).items;

/** The proxies' pods without those that are about to end. */
export const proxyPods = async (): Promise<Pod[]> =>
  (await allProxies()).filter(({ metadata }) => !metadata.deletionTimestamp);

/** Waits until no proxy is about to end any more. */
export const drained = (): Promise<boolean> =>
  until("the end of the proxies that were replaced", async () =>
    (await allProxies()).every(({ metadata }) => !metadata.deletionTimestamp),
  );

const restart = async (namespace: string, ...deployment: string[]): Promise<void> => {
  await kubectl("rollout", "restart", "deployment", "-n", namespace, ...deployment);
  await kubectl(...rolledOut, "-n", namespace, ...deployment);
};

/** One of our own commands. */
const operation = (...args: string[]): Promise<string> =>
  output([process.execPath, "--import", "tsx", join(clone, "operations", "main.ts"), ...args, "--yes"]);

/** A renewal by our own command, which ends when the new certificate stands. */
const renew = (): Promise<string> => operation("renew", "--gateway", "envoy-gateway/eg");

/** A controller that restarts, and a proxy that must get all it knows from the other one or from the new. */
const restartController = async (): Promise<void> => {
  const [pod] = await proxyPods();
  await kubectl("rollout", "restart", "deployment/envoy-gateway", ...system);
  await kubectl("delete", "pod", pod?.metadata.name ?? "", ...system, "--wait=false");
  await kubectl(...rolledOut, ...system);
};

/** Drains a node on which a proxy runs, and lets it take pods again. The first node has what the cluster itself needs. */
const drainNode = async (): Promise<void> => {
  const node =
    (await proxyPods())
      .map(({ spec }) => spec.nodeName ?? "")
      .sort()
      .at(-1) ?? "";
  try {
    await kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s");
  } finally {
    await kubectl("uncordon", node);
  }
};

export const renewal: Change = { what: "renewal", make: renew };

/** After it all proxies are on the other node, until they are restarted. */
export const drain: Change = { what: "drain of a node", make: drainNode };

/** Other changes by the cluster's own means. What stands afterwards is what stood before. */
export const changes: Change[] = [
  { what: "rolling restart of the proxies", make: () => restart("envoy-gateway-system", ...proxies) },
  { what: "restart of the controller while a proxy starts", make: restartController },
  { what: "rolling restart of whoami", make: () => restart("whoami", "whoami") },
];

/** Changes by the stack's settings, in a project whose stack is up. */
const settingsChanges = (project: string): Change[] => {
  const pulumi = (...args: string[]) =>
    output(["pulumi", "-C", project, "--non-interactive", ...args, "--stack", "staging"]);
  const set = (what: string, path: string, value: string): Change => ({
    what,
    make: async () => {
      await pulumi("config", "set", "--path", `https-edge:${path}`, value);
      await pulumi("up", "--yes", "--skip-preview");
    },
  });
  return [
    set("three proxies instead of two", "gateway.replicas", "3"),
    set("two proxies again", "gateway.replicas", "2"),
    set("another annotation", 'gateway.annotations["bench.example/changed"]', "true"),
    set("another landing page", "landing.title", "Changed"),
    { what: "rotation of the token", make: () => operation("rotate", "-C", project, "-s", "staging") },
  ];
};

/** Makes a change under a load of each kind, which goes on until the last proxy that was replaced has ended. */
const underLoad = async ({ make }: Change): Promise<Outcome[]> => {
  const loads = Object.values(startLoads(host));
  try {
    await make();
    await drained();
  } finally {
    await Promise.all(loads.map(({ stop }) => stop()));
  }
  return loads.map(({ outcome }) => outcome);
};

/** The load balancer's servers that it finds fit for HTTPS. */
const fit = async (): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${ports.balancer}/state.json`);
  const { servers } = (await response.json()) as { servers: { proxy: string; status: string }[] };
  return servers.filter(({ proxy, status }) => /:443:\d+$/.test(proxy) && status.startsWith("UP")).length;
};

/** What clients saw of the loss of a node. */
export interface Loss {
  /** When the load balancer found the node unfit, in milliseconds since 1970. */
  noticed: number;
  /** By kind of client. */
  outcomes: Record<string, Outcome>;
}

/** Says "ready", upon which whoever started it takes a node's power away; over when each client has had answers again for some seconds. */
const lostNode = async (): Promise<Loss> => {
  const loads = Object.entries(startLoads(host));
  const before = await until("a fit node", async () => (await fit()) || false);
  console.log("ready");
  const noticed = await until(
    "the load balancer to find a node unfit",
    async () => (await fit()) < before && Date.now(),
    {
      every: 20,
    },
  );
  const counts = loads.map(([, { outcome }]) => outcome.requests - outcome.failures.length);
  await until("answers to each client", async () =>
    loads.every(([, { outcome }], index) => outcome.requests - outcome.failures.length > (counts[index] ?? 0) + 50),
  );
  await Promise.all(loads.map(([, { stop }]) => stop()));
  return { noticed, outcomes: Object.fromEntries(loads.map(([kind, { outcome }]) => [kind, outcome])) };
};

const row = (what: string, outcomes: Outcome[], seconds: number): string => {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((all, each) => all + count(each), 0);
  const [failed, requests] = [sum(({ failures }) => failures.length), sum((each) => each.requests)];
  const gap = Math.max(...outcomes.map(({ longestGap }) => longestGap));
  return `  ${what.padEnd(52)} ${failed} of ${requests} failed, longest gap ${gap} ms, over after ${seconds.toFixed(0)} s`;
};

const main = async ([project = "", only = ""]: string[]): Promise<void> => {
  if (only === "lost node") {
    console.log(JSON.stringify(await lostNode()));
    return;
  }
  for (const change of [renewal, drain, ...changes, ...settingsChanges(project)].filter(({ what }) =>
    what.includes(only),
  )) {
    const begun = Date.now();
    const outcomes = await underLoad(change);
    console.log(row(change.what, outcomes, (Date.now() - begun) / 1_000));
    for (const failure of outcomes.flatMap(({ failures }) => failures)) console.log(`    ${failure}`);
  }
};

if (require.main === module)
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
