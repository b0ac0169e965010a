/** Many applications' routes on the edge, each of a host of its own. */
import { listenerNames, namesOf } from "../../components/rules/names";
import { trust } from "../layout";
import { output, run } from "../tools/process";
import { until } from "../tools/until";
import { application } from "./byHand";
import { apply } from "./pods";

const names = namesOf();
const name = "many-routes";
const { domain, namespace } = application;

const hostsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index + 1}.${domain}`);

/** Makes routes as a team in its own namespace does. All of them lead to whoami: what counts is that each is one of its own to Envoy. */
export const addRoutes = async (count: number): Promise<void> => {
  const group = "gateway.networking.k8s.io";
  const manifests = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: names.attachLabels } },
    {
      apiVersion: `${group}/v1beta1`,
      kind: "ReferenceGrant",
      metadata: { name, namespace },
      spec: { from: [{ group, kind: "HTTPRoute", namespace: name }], to: [{ group: "", kind: "Service" }] },
    },
    ...hostsOf(count).map((host) => ({
      apiVersion: `${group}/v1`,
      kind: "HTTPRoute",
      metadata: { name: host.split(".")[0], namespace: name },
      spec: {
        parentRefs: [{ name: names.edge, namespace: names.namespace, sectionName: listenerNames.https }],
        hostnames: [host],
        rules: [{ backendRefs: [{ name: application.name, namespace, port: 80 }] }],
      },
    })),
  ];
  // One of a thousand fails where the API server is busy for a moment, and applying them again costs little.
  await until(`${count} routes`, () => apply(manifests).then(() => true), { seconds: 300, every: 1_000 });
};

/** Waits until a proxy serves whoami's own host and this many of the routes. */
export const routesServed = async (address: string, count: number): Promise<void> => {
  const hosts = [`${application.name}.${domain}`, ...hostsOf(count)];
  const command = ["curl", "--silent", "--max-time", "5", "--cacert", trust.staging, "--connect-to", `::${address}`];
  await until(
    `${hosts.length} routes of ${address}`,
    async () => {
      const { stdout } = await run([...command, ...hosts.map((host) => `https://${host}/`)]);
      // The landing page, which answers for a host that no route has, says no such thing.
      return stdout.match(/^Hostname: /gm)?.length === hosts.length;
    },
    { seconds: 300, every: 1_000 },
  );
};

/** Takes them away. */
export const removeRoutes = async (): Promise<void> => {
  await output(["kubectl", "delete", "namespace", name, "--ignore-not-found"]);
  await output(["kubectl", "delete", "referencegrant", name, `--namespace=${namespace}`, "--ignore-not-found"]);
};
