/** A second cluster, as far as one can be seen by its API: an empty one of the same kinds, with a UID of its own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { output, start, until } from "../../../lab";

/** UID of its namespace kube-system. */
export const uid = "00000000-0000-4000-8000-000000000001";

/** Tells of kinds and of the server itself, and of no object. */
const isDiscovery = (path: string): boolean => /^\/(api(\/v1)?|apis(\/[^/]+){0,2}|version|openapi\/.*)\/?$/.test(path);

/**
 * Puts a context "another" beside the lab's own into a kubeconfig, and makes it the current one. What it returns takes the cluster away.
 */
export const addAnotherCluster = async (kubeconfig: string): Promise<() => Promise<void>> => {
  const port = 8099;
  const proxy = start(["kubectl", "proxy", `--port=${port}`]);
  const real = `http://127.0.0.1:${port}`;
  await until("kubectl proxy", async () => (await fetch(`${real}/version`)).ok);
  const server = createServer(async ({ url = "" }, response) => {
    const { pathname } = new URL(url, real);
    const isKubeSystem = pathname === "/api/v1/namespaces/kube-system";
    if (isDiscovery(pathname)) {
      const answer = await fetch(`${real}${url}`);
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(Buffer.from(await answer.arrayBuffer()));
      return;
    }
    const found = { kind: "Namespace", apiVersion: "v1", metadata: { name: "kube-system", uid } };
    const missing = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    response.writeHead(isKubeSystem ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isKubeSystem ? found : missing));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = (...args: string[]) => output(["kubectl", "config", `--kubeconfig=${kubeconfig}`, ...args]);
  await config("set-cluster", "another", `--server=http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await config("set-credentials", "another", "--token=none");
  await config("set-context", "another", "--cluster=another", "--user=another");
  await config("use-context", "another");
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    proxy.stop();
    await proxy.ended;
  };
};
