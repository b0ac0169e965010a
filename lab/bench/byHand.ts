/** The same Envoy with a hand-written configuration (envoy.yaml), beside one of the edge's proxies on its node. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { namesOf, tlsSecretName } from "../../components/rules/names";
import { output } from "../tools/process";
import { until } from "../tools/until";
import { apply, containerOf, envoyContainer, kubectl, type Pod, readyPods, workersOf } from "./pods";

const name = "by-hand";
const labels = { app: name };

/** The application behind both, and its pods by name, for the hand-written configuration. */
export const application = { name: "whoami", namespace: "whoami", domain: "staging.example.com" };
const podsByName = { name: `${application.name}-pods`, namespace: application.namespace };

/** Starts it with the image, the number of workers and the resources of a proxy of the edge. */
export const startByHand = async (proxy: Pod): Promise<Pod> => {
  const { image, resources, securityContext } = containerOf(proxy);
  const secret = tlsSecretName(application.domain);
  const { type, data } = await kubectl<{ type: string; data: object }>(
    ...["get", "secret", secret, `--namespace=${namesOf().namespace}`],
  );
  const container = {
    name: envoyContainer,
    image,
    args: ["--config-path", "/etc/envoy/envoy.yaml", "--concurrency", String(workersOf(proxy)), "--log-level", "warn"],
    resources,
    securityContext,
    readinessProbe: { tcpSocket: { port: 10443 }, periodSeconds: 1 },
    volumeMounts: [
      { name: "configuration", mountPath: "/etc/envoy" },
      { name: "certificate", mountPath: "/etc/tls" },
    ],
  };
  const metadata = { name, namespace: name };
  await apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    { apiVersion: "v1", kind: "Secret", metadata, type, data },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "envoy.yaml": readFileSync(join(__dirname, "envoy.yaml"), "utf8") },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: podsByName,
      spec: { clusterIP: "None", selector: { app: application.name } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeName: proxy.spec.nodeName,
            automountServiceAccountToken: false,
            containers: [container],
            volumes: [
              { name: "configuration", configMap: { name } },
              { name: "certificate", secret: { secretName: name } },
            ],
          },
        },
      },
    },
  ]);
  return until("the Envoy configured by hand", async () => (await readyPods(name, labels))[0]);
};

/** Takes away all that was made for it. */
export const removeByHand = async (): Promise<void> => {
  await output(["kubectl", "delete", "namespace", name, "--ignore-not-found"]);
  const { name: service, namespace } = podsByName;
  await output(["kubectl", "delete", "service", service, `--namespace=${namespace}`, "--ignore-not-found"]);
};
