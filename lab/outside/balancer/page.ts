/** What the balancer does right now, to be read by people at / and by tests at /state.json. */
import { createServer, type Server } from "node:http";
import { proxyName } from "./configuration";
import type { Reported } from "./controller";
import type { ServerState } from "./haproxy";

export interface State {
  /** Whether the cluster has been seen. */
  known: boolean;
  balancers: Reported[];
  servers: ServerState[];
}

export function page(state: () => Promise<State>): Server {
  return createServer(async (request, response) => {
    try {
      const now = await state();
      if (request.url === "/state.json") {
        response.setHeader("content-type", "application/json").end(JSON.stringify(now, undefined, 2));
      } else if (request.url === "/") {
        response.setHeader("content-type", "text/html; charset=utf-8").end(html(now));
      } else {
        response.writeHead(404).end();
      }
    } catch (error) {
      response.writeHead(503, { "content-type": "text/plain" }).end(String(error));
    }
  });
}

/** Names of Services and Nodes need no escaping: the API server lets nothing but DNS labels through. */
function html({ known, balancers, servers }: State): string {
  const rows = balancers.flatMap((balancer) =>
    balancer.ports.map((port) => {
      const proxy = proxyName(balancer, port);
      const nodes = servers.filter((each) => each.proxy === proxy);
      const cells = [
        `${balancer.namespace}/${balancer.name}`,
        `${balancer.address}:${port.port}`,
        balancer.ingress.hostname ?? "",
        String(port.nodePort),
        port.proxyProtocol ?? "none",
        nodes.map((each) => `${each.server} ${each.status}, ${each.connections} connections`).join("<br>"),
      ];
      return `<tr>${cells.map((each) => `<td>${each}</td>`).join("")}</tr>`;
    }),
  );
  const heads = ["Service", "address", "reported as", "node port", "PROXY protocol", "nodes"];
  return `<!doctype html><title>Load balancers</title><meta http-equiv="refresh" content="2"><h1>Load balancers</h1>
<p>${known ? "" : "The cluster has not been seen yet."}</p>
<table border="1" cellpadding="4"><tr>${heads.map((each) => `<th>${each}</th>`).join("")}</tr>${rows.join("\n")}</table>\n`;
}
