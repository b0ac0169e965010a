/** The cluster as kubectl tells of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { output, runDirectory } from "../../../lab";

/** What the tests read of any object. */
export interface KubernetesObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    creationTimestamp: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
  };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] } & Record<
    string,
    unknown
  >;
}

/** One object. */
export const get = async (kind: string, name: string, namespace?: string): Promise<KubernetesObject> =>
  JSON.parse(await output(["kubectl", "get", kind, name, ...(namespace ? ["-n", namespace] : []), "-o", "json"]));

/** The Cloudflare token that cert-manager reads. */
export const tokenInSecret = async (): Promise<string> => {
  const { data } = await get("secret", "cloudflare-api-token", "cert-manager");
  return Buffer.from(data?.["api-token"] ?? "", "base64").toString();
};

/** All objects of a kind, in all namespaces. */
export const list = async (kind: string): Promise<KubernetesObject[]> =>
  JSON.parse(await output(["kubectl", "get", kind, "--all-namespaces", "-o", "json"])).items;

/** Names of all objects of a kind. */
export const names = async (kind: string): Promise<string[]> =>
  (await list(kind)).map(({ metadata }) => metadata.name).sort();

/** Tells whether a condition of an object is True. */
export const holds = ({ status }: KubernetesObject, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

/** Applies manifests, as an application's team would. */
export const apply = (...manifests: object[]): Promise<string> =>
  output(["kubectl", "apply", "-f", "-"], {
    input: [JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests })],
  });

/** A Certificate as a team makes one of its own. */
export const certificate = (
  metadata: { name: string; namespace: string },
  dnsNames: string[],
  issuer = "letsencrypt-staging",
): object => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata,
  spec: { secretName: metadata.name, dnsNames, issuerRef: { kind: "ClusterIssuer", name: issuer } },
});

/** A kubeconfig as the lab's own, of a cluster that does not answer. */
export const silentKubeconfig = async (): Promise<string> => {
  const file = join(runDirectory, "silent.kubeconfig");
  const config = await output(["kubectl", "config", "view", "--raw", "-o", "json"]);
  writeFileSync(file, config.replace(/"server": "[^"]+"/, '"server": "https://127.0.0.1:1"'), { mode: 0o600 });
  return file;
};

/** Deletes objects and waits until they are gone. */
export const remove = (kind: string, name: string, namespace?: string): Promise<string> =>
  output(["kubectl", "delete", kind, name, ...(namespace ? ["-n", namespace] : []), "--ignore-not-found"]);
