/** An API server, as far as an edge looks at one: it knows objects by their path, and keeps what it is asked. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { dump } from "js-yaml";
import { type Connection, connect, type Metadata } from "../../components/standing/connection";

/** UID of kube-system. */
export const uid = "5c1d8f0e-93f4-4a7d-8d6b-0a4f2f5f0c11";

const standing = new Map<string, object>();
const texts = new Map<string, string>();
const objections = new Map<string, string>();
const asked: string[] = [];

/** What an object without more than its metadata is on the wire. */
const object = (metadata: Partial<Metadata>) => ({ metadata });

const serviceCidrs = "/apis/networking.k8s.io/v1/servicecidrs";

/** Ranges of the addresses of Services. */
export const serviceCidr = (name: string, ...cidrs: string[]) => ({ metadata: { name }, spec: { cidrs } });

/** An empty cluster. */
const empty = (): [string, object][] => [
  ["/api/v1/namespaces/kube-system", object({ name: "kube-system", uid })],
  [`${serviceCidrs}/kubernetes`, serviceCidr("kubernetes", "10.96.0.0/16")],
];

const server: Server = createServer(async (request, response) => {
  const { method, url = "" } = request;
  const { pathname, searchParams } = new URL(url, "http://cluster");
  asked.push(`${method} ${url}`);
  const answer = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const text = texts.get(pathname);
  if (text !== undefined) return response.writeHead(200, { "content-type": "text/plain" }).end(text);
  if (method === "POST") {
    const objection = objections.get(pathname);
    if (objection !== undefined) return answer(500, { message: objection });
    if (searchParams.get("dryRun") === "All") return answer(201, {});
    const made = (await json(request)) as { metadata: { name: string } };
    const at = `${pathname}/${made.metadata.name}`;
    if (standing.has(at)) return answer(409, { message: "already exists" });
    standing.set(at, made);
    return answer(201, made);
  }
  if (method === "DELETE") standing.delete(pathname);
  const path = pathname.replace(/\/status$/, "");
  if (method === "PATCH") {
    const patched = patchedBy(standing.get(path), await json(request));
    if (!patched) return answer(422, { message: "the server rejected our request due to an error in our request" });
    standing.set(path, patched);
  }
  const items = listed(pathname, searchParams.get("labelSelector"));
  const found = standing.get(path) ?? (items.length > 0 ? { items } : undefined);
  return answer(found || method === "DELETE" ? 200 : 404, found ?? { message: "not found" });
}).listen(0, "127.0.0.1");
server.unref();
const listening = once(server, "listening");

/** The kubeconfig that leads to it. */
export const kubeconfig = async (): Promise<string> => {
  await listening;
  return kubeconfigFor((server.address() as AddressInfo).port); // listening on TCP
};

/** The kubeconfig of whatever answers at a port of loopback. */
export const kubeconfigFor = (port: number): string =>
  dump({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });

/** The way to it, as parts of an edge take it. */
export const way = async (): Promise<Connection> => connect({ kubeconfig: await kubeconfig() });

/** Puts an object there, or in the place of the one that is. */
export const put = (path: string, each: object): void => void standing.set(path, each);

/** Puts a text there, such as a log, which is no object. */
export const putText = (path: string, text: string): void => void texts.set(path, text);

/** Has each new object of a collection refused, as a webhook does. */
export const refuse = (collection: string, message: string): void => void objections.set(collection, message);

/** Takes an object away. */
export const take = (path: string): void => void standing.delete(path);

/** An object as it stands. */
export const standingAt = (path: string): object | undefined => standing.get(path);

/** Fills the cluster anew with objects by their path, over what an empty one has, and forgets what was asked. */
export const stand = (objects: Record<string, Partial<Metadata>> = {}): void => {
  standing.clear();
  texts.clear();
  objections.clear();
  asked.length = 0;
  for (const [path, each] of empty()) standing.set(path, each);
  for (const [path, metadata] of Object.entries(objects)) standing.set(path, object(metadata));
};

/** Gives the cluster other ranges of addresses for its Services; without any it is one that does not know ServiceCIDRs. */
export const giveServices = (address: string, ...ranges: ReturnType<typeof serviceCidr>[]): void => {
  for (const path of [...standing.keys()].filter((each) => each.startsWith(serviceCidrs))) standing.delete(path);
  for (const each of ranges) standing.set(`${serviceCidrs}/${each.metadata.name}`, each);
  standing.set("/api/v1/namespaces/default/services/kubernetes", { spec: { clusterIP: address } });
};

/** Requests since the cluster was filled, such as `DELETE /api/v1/…`. */
export const requests = (): string[] => [...asked];

stand();

/** An object with a patch applied, JSON's or a merge's; undefined when one that it tests is another. */
const patchedBy = (each: object | undefined, patch: unknown): object | undefined =>
  Array.isArray(patch) ? withoutFinalizers(each, patch as PatchStep[]) : (merged(each, patch) as object);

/** A merge patch applied: https://www.rfc-editor.org/rfc/rfc7386 */
const merged = (value: unknown, patch: unknown): unknown => {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const fields: Record<string, unknown> = { ...(value as object) };
  for (const [key, each] of Object.entries(patch)) fields[key] = merged(fields[key], each);
  return fields;
};

/** Group and version, namespace, kind and name that a path tells of. */
const partsOf = (path: string) =>
  /^(?<group>\/api\/v1|\/apis\/[^/]+\/[^/]+)(\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(\/(?<name>[^/]+))?$/.exec(
    path,
  )?.groups ?? {};

/** Objects of a collection, in one namespace or in all, that have the labels. */
const listed = (collection: string, selector: string | null): object[] => {
  const { group, namespace, plural, name } = partsOf(collection);
  if (name !== undefined) return [];
  const labels = (selector ?? "").split(",").filter(Boolean);
  const found = [...standing].filter(([path, each]) => {
    const parts = partsOf(path);
    const own = Object.entries((each as { metadata?: Partial<Metadata> }).metadata?.labels ?? {});
    const pairs = own.map((pair) => pair.join("="));
    return (
      parts.name !== undefined &&
      parts.group === group &&
      parts.plural === plural &&
      (namespace === undefined || parts.namespace === namespace) &&
      labels.every((label) => pairs.includes(label))
    );
  });
  return found.map(([, each]) => each);
};

/** A step of a JSON patch: https://www.rfc-editor.org/rfc/rfc6902 */
interface PatchStep {
  op: string;
  path: string;
  value?: string;
}

/** An object without the finalizers that a patch takes off, or undefined when one that it tests is another. */
const withoutFinalizers = (each: object | undefined, patch: PatchStep[]): object | undefined => {
  const { metadata } = each as { metadata: Partial<Metadata> };
  const finalizers = [...(metadata.finalizers ?? [])];
  for (const { op, path, value } of patch) {
    const index = Number(path.replace("/metadata/finalizers/", ""));
    if (op === "test" && finalizers[index] !== value) return undefined;
    if (op === "remove") finalizers.splice(index, 1);
  }
  return { ...each, metadata: { ...metadata, finalizers } };
};
