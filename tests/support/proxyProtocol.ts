/** The two ends of PROXY protocol: a way to a port through both, and the Service that tells the load balancer. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import type { Ends } from "../../components/rules/proxyProtocol";
import { put } from "./cluster";

const services = "/api/v1/namespaces/envoy-gateway-system/services";
const labels = {
  "gateway.envoyproxy.io/owning-gateway-name": "eg",
  "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway",
};

/** Puts the proxies' Service into the cluster, with these annotations. */
export const service = (annotations: Record<string, string> = {}): void =>
  put(`${services}/envoy-eg`, { metadata: { name: "envoy-eg", labels, annotations } });

/** The Service, as it tells the load balancer to send or not. */
export const balancerService = (sends: boolean): void => service(sends ? { "https-edge/proxy-protocol": "other" } : {});

const header = "PROXY UNKNOWN\r\n";

/**
 * A port that leads to another one as through a load balancer and a proxy. The connection `without` (the third is 3) with a header meets a
 * proxy that takes none.
 */
export const through = async (
  { proxies, balancer }: Ends,
  port: number,
  { without = 0 }: { without?: number } = {},
): Promise<{ port: number; close: () => void }> => {
  let withHeader = 0;
  const takes = (begin: string): boolean => {
    if (!begin.startsWith("PROXY ")) return proxies !== "strict";
    return proxies !== "none" && ++withHeader !== without;
  };
  const server = net.createServer(async (client) => {
    client.on("error", () => {});
    const begin = await beginOf(client, balancer ? header : "");
    const text = begin.toString("latin1");
    // One that knows no header hands it to TLS, which ends there.
    if (!takes(text)) return client.resetAndDestroy();
    const after = text.startsWith("PROXY ") ? text.indexOf("\n") + 1 : 0;
    const server = net.connect(port, "127.0.0.1");
    server.on("error", () => client.destroy());
    server.on("close", () => client.destroy());
    server.write(begin.subarray(after));
    server.pipe(client);
    client.pipe(server);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
};

/** What a connection begins with, after what is put before it: enough to tell a header from TLS. */
const beginOf = (client: Socket, before: string): Promise<Buffer> =>
  new Promise((resolve) => {
    let begin = Buffer.from(before);
    const more = (chunk: Buffer) => {
      begin = Buffer.concat([begin, chunk]);
      if (begin.length < header.length) return;
      client.off("data", more);
      client.pause();
      resolve(begin);
    };
    client.on("data", more);
  });
