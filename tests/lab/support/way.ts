/** Ways of a request to the edge: from any address, past the load balancer or through it, from inside a pod. */
import { readdirSync, readlinkSync } from "node:fs";
import { output } from "../../../lab";
import { get, list } from "./cluster";

/** One way. */
export interface Way {
  /** Address to connect to, and its port if not HTTPS's. */
  to: string;
  port?: number;
  /** Address to connect from, of this machine's; any when absent. */
  from?: string;
  /** A process whose network the request is sent from; this one's when absent. */
  pid?: number;
}

/** What an application saw of a request. */
export interface Seen {
  /** Its headers by their names in lower case; of several of one name the values, joined. */
  headers: Record<string, string>;
  /** `1.1` or `2`. */
  protocol: string;
}

/** Sends a request on a way to a host where whoami answers. Rejects when nobody answers, or anything but 200. */
export const ask = async (
  host: string,
  way: Way,
  headers: Record<string, string>,
  protocol: "1.1" | "2",
): Promise<Seen> => {
  const { to, port = 443, from, pid } = way;
  const said = await output([
    ...(pid === undefined ? [] : ["nsenter", `--net=/proc/${pid}/ns/net`]),
    ...["curl", "--silent", "--show-error", "--fail", "--insecure", "--max-time", "5", `--http${protocol}`],
    ...["--connect-to", `${host}:443:${to}:${port}`],
    ...(from === undefined ? [] : ["--interface", from]),
    ...Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
    ...["--write-out", "\n%{http_version}", `https://${host}/api`],
  ]);
  const [body = "", version = ""] = said.trim().split(/\n+/);
  const seen = (JSON.parse(body) as { headers: Record<string, string[]> }).headers;
  return {
    headers: Object.fromEntries(Object.entries(seen).map(([name, values]) => [name.toLowerCase(), values.join(",")])),
    protocol: version,
  };
};

/** The Gateway's address: the load balancer's. */
export const balancerAddress = async (): Promise<string> => {
  const { status } = await get("gateway", "eg", "envoy-gateway");
  const [address] = (status?.addresses ?? []) as { value: string }[];
  if (!address) throw new Error("the Gateway must have an address, got none");
  return address.value;
};

/** The Service of the proxies: its own address, and its node port for HTTPS. */
export const proxies = async (): Promise<{ clusterIP: string; nodePort: number }> => {
  const service = (await list("service")).find(
    ({ metadata }) => metadata.labels?.["gateway.envoyproxy.io/owning-gateway-name"] === "eg",
  );
  const spec = service?.spec as { clusterIP: string; ports: { port: number; nodePort: number }[] } | undefined;
  const nodePort = spec?.ports.find(({ port }) => port === 443)?.nodePort;
  if (!spec || nodePort === undefined) throw new Error("the proxies' Service must have a node port for 443, got none");
  return { clusterIP: spec.clusterIP, nodePort };
};

/** A process in a pod of whoami, and the pod's address. */
export const whoamiPod = async (): Promise<{ pid: number; address: string }> => {
  for (const entry of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      if (!readlinkSync(`/proc/${entry}/exe`).endsWith("/whoami")) continue;
      const pid = Number(entry);
      const links = await output([
        "nsenter",
        `--net=/proc/${pid}/ns/net`,
        "ip",
        "-json",
        "-4",
        "address",
        "show",
        "eth0",
      ]);
      const [link] = JSON.parse(links) as { addr_info: { local: string }[] }[];
      const address = link?.addr_info[0]?.local;
      if (address) return { pid, address };
    } catch {
      // It has ended in the meantime, or is the kernel's.
    }
  }
  throw new Error("a pod of whoami must run, got none");
};
