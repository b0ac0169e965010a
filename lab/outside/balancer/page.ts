/** What the balancer does right now, to be read by people at / and by tests at /state.json. */
import type { Server } from "node:http";
import { Hono } from "hono";
import { html } from "hono/html";
import { indented, serverOf } from "../../tools/http";
import { proxyName } from "./configuration";
import type { Reported } from "./controller";
import type { ServerState } from "./haproxy";

export interface State {
  /** Whether the cluster has been seen. */
  known: boolean;
  balancers: Reported[];
  servers: ServerState[];
}

export const page = (state: () => Promise<State>): Server => {
  const app = new Hono()
    .all("/", async (call) => call.html(document(await state())))
    .all("/state.json", async (call) => indented(call, await state()));
  // HAProxy may not be up yet.
  app.onError((error, call) => call.body(String(error), 503, { "content-type": "text/plain" }));
  app.notFound((call) => call.body(null, 404));
  return serverOf(app);
};

const document = ({ known, balancers, servers }: State) => {
  const rows = balancers.flatMap((balancer) =>
    balancer.ports.map((port) => {
      const proxy = proxyName(balancer, port);
      const nodes = servers.filter((each) => each.proxy === proxy);
      const cells = [
        `${balancer.namespace}/${balancer.name}`,
        `${balancer.addresses.join(", ")} port ${port.port}`,
        balancer.ingress.flatMap(({ hostname }) => hostname ?? []).join(", "),
        port.nodePort,
        port.proxyProtocol ?? "none",
        nodes.map((each) => html`${each.server} ${each.status}, ${each.connections} connections<br>`),
      ];
      return html`<tr>${cells.map((each) => html`<td>${each}</td>`)}</tr>`;
    }),
  );
  const heads = ["Service", "address", "reported as", "node port", "PROXY protocol", "nodes"];
  return html`<!doctype html><title>Load balancers</title><meta http-equiv="refresh" content="2"><h1>Load balancers</h1>
<p>${known ? "" : "The cluster has not been seen yet."}</p>
<table border="1" cellpadding="4"><tr>${heads.map((each) => html`<th>${each}</th>`)}</tr>${rows}</table>\n`;
};
