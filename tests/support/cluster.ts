/** An API server, as far as an edge looks at one: it knows objects by their path, and keeps what it is asked. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dump } from "js-yaml";
import type { Metadata } from "../../components/standing/connection";

/** UID of kube-system. */
export const uid = "5c1d8f0e-93f4-4a7d-8d6b-0a4f2f5f0c11";

const standing = new Map<string, object>();
const asked: string[] = [];

/** What an object without more than its metadata is on the wire. */
const object = (metadata: Partial<Metadata>) => ({ metadata });

/** An empty cluster. */
const empty = (): [string, object][] => [
  ["/api/v1/namespaces/kube-system", object({ name: "kube-system", uid })],
  ["/api/v1/namespaces/default/services/kubernetes", { spec: { ipFamilies: ["IPv4"] } }],
];

const server: Server = createServer(({ method, url = "" }, response) => {
  const { pathname } = new URL(url, "http://cluster");
  asked.push(`${method} ${url}`);
  if (method === "DELETE") standing.delete(pathname);
  const list = pathname.endsWith("/secrets")
    ? [...standing].filter(([path]) => path.startsWith(`${pathname}/`)).map(([, each]) => each)
    : undefined;
  const found = list ? { items: list } : standing.get(pathname);
  response.writeHead(found || method === "DELETE" ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(found ?? { message: "not found" }));
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

/** Fills the cluster anew with objects by their path, over what an empty one has, and forgets what was asked. */
export const stand = (objects: Record<string, Partial<Metadata>> = {}): void => {
  standing.clear();
  asked.length = 0;
  for (const [path, each] of empty()) standing.set(path, each);
  for (const [path, metadata] of Object.entries(objects)) standing.set(path, object(metadata));
};

/** Requests since the cluster was filled, such as `DELETE /api/v1/…`. */
export const requests = (): string[] => [...asked];

stand();
