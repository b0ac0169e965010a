/**
 * An application of a team on a route of its own, as whoami has one. It runs in the tests' own process, outside the cluster: its Service has
 * no selector, and its EndpointSlice leads here.
 */
import assert from "node:assert/strict";
import http from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, until } from "../../../lab";
import { apply, get, remove } from "./cluster";
import { domain } from "./edge";
import { eventually } from "./eventually";

/** This process's own address, as the pods see it. */
const here = (): string => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const found = own.find(({ family, internal }) => family === "IPv4" && !internal);
  if (!found) throw new Error("the tests must run in the lab's network");
  return found.address;
};

/** What an application is besides its server. */
export interface Application {
  /** `GRPCRoute` for gRPC, which is HTTP/2 to the application too. */
  kind?: "HTTPRoute" | "GRPCRoute";
  /** Rules of the route, with their own Service added. */
  rules?: object[];
  /** Spec of a BackendTrafficPolicy for the route. */
  policy?: object;
  /** A server, or none to have a port at which nobody listens. */
  servers: (Server | undefined)[];
}

const namespace = "whoami";

/** Puts the application up at a host of its own; `remove` takes it away. */
export const attach = async (name: string, { kind = "HTTPRoute", rules = [{}], policy, servers }: Application) => {
  const host = `${name}.${domain}`;
  const ports = await Promise.all(servers.map(listening));
  const backendRefs = [{ name, port: 80 }];
  const metadata = { name, namespace };
  const manifests = [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { ports: [{ name: "http", port: 80 }] },
    },
    ...ports.map((port, index) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${name}-${index}`, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [here()], conditions: { ready: true } }],
      ports: [{ name: "http", port }],
    })),
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind,
      metadata,
      spec: {
        parentRefs: [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }],
        hostnames: [host],
        rules: rules.map((rule) => ({ backendRefs, ...rule })),
      },
    },
    ...(policy
      ? [
          {
            apiVersion: "gateway.envoyproxy.io/v1alpha1",
            kind: "BackendTrafficPolicy",
            metadata,
            spec: { targetRefs: [{ group: "gateway.networking.k8s.io", kind, name }], ...policy },
          },
        ]
      : []),
  ];
  await apply(...manifests);
  if (policy)
    await until(`the policy of ${name}`, async () => {
      const { status } = await get("backendtrafficpolicy", name, namespace);
      const ancestors = (status?.ancestors ?? []) as { conditions: { type: string; status: string }[] }[];
      return ancestors.some(({ conditions }) =>
        conditions.some((each) => each.type === "Accepted" && each.status === "True"),
      );
    });
  return {
    host,
    remove: async (): Promise<void> => {
      const kinds = [kind, "service", ...(policy ? ["backendtrafficpolicy"] : [])];
      await Promise.all(kinds.map((each) => remove(each.toLowerCase(), name, namespace)));
      for (const server of servers) server?.close();
    },
  };
};

/** Waits until every proxy has the route: the balancer takes one after the other. */
export const served = (host: string, status = 200): Promise<void> =>
  eventually(`the route of ${host}`, async () => {
    for (let count = 0; count < 6; count++) assert.equal((await ask(host)).status, status);
  });

/** The port at which a server listens; without one, a port that was free just now. */
const listening = async (given: Server | undefined): Promise<number> => {
  const server = given ?? createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  if (!given) await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
};

/**
 * An application that hears a request out, takes its time, and says what was asked: `/lines?40` sends a line a second, `/wait?20` and others
 * so many seconds nothing.
 */
export const patient = (): http.Server =>
  http
    .createServer(async (request, response) => {
      await request.toArray();
      const { url = "" } = request;
      const [, what, seconds] = /^\/([a-z]+)\?(\d+)/.exec(url) ?? [];
      for (let left = Number(seconds ?? 0); left > 0; left--) {
        await sleep(1_000);
        if (what === "lines") response.write(`${left}\n`);
      }
      response.end(`${url}\n`);
    })
    // A WebSocket's handshake, and then every byte back.
    .on("upgrade", (_, socket: Socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.pipe(socket);
    });
