import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { after, before, describe, it } from "mocha";
import { network, nodes, output } from "../../../lab";
import { apply, remove } from "../support/cluster";
import { domain, edgeToChange } from "../support/edge";
import { eventually } from "../support/eventually";
import type { Stack } from "../support/stack";
import { ask, balancerAddress, proxies, type Way, whoamiPod } from "../support/way";

/** The address that a client forges, and the one that it has for a proxy in front of the edge. */
const forged = "192.0.2.66";
const client = "192.0.2.10";

/** Where the load balancer's connections come from, and another address outside the cluster. */
const { front, dns: elsewhere } = network;

/** An address of Cloudflare's ranges, and the one that its name servers tell of proxied names. */
const cloudflare = "173.245.48.9";
const anycast = "192.0.2.104";

/** Each header that some application takes for the truth, and some forms of the first that a careless proxy would miss. */
const forgery: Record<string, string> = Object.fromEntries(
  [
    "X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Proto X-Forwarded-Server Forwarded X-Real-IP",
    "Client-IP X-Client-IP X-Cluster-Client-IP True-Client-IP CF-Connecting-IP Fastly-Client-IP X-Original-Forwarded-For X-Original-URL",
    "X-Rewrite-URL X-Envoy-External-Address X-Envoy-Internal X-Envoy-Original-Path x_forwarded_for X_Real_IP",
  ].flatMap((names) => names.split(" ").map((name) => [name, forged])),
);

/** Who sends a request on a way, what it says, and what the application sees of its address; undefined when it is not let in. */
interface Sender {
  name: string;
  way: () => Way;
  says: Record<string, string>;
  chain: (() => string[]) | undefined;
  /** The address that Envoy goes by. */
  found?: () => string;
}

/** What stands in front of the edge, and the settings that say so, an `up` after the other. */
interface Topology {
  name: string;
  ups: Record<string, string>[];
  /** What the last `up` tells the user to see to. */
  told?: RegExp;
  senders: Sender[];
}

/** What a proxy in front makes of a client's headers: it adds the client's address to the chain, and passes the rest on. */
const throughProxy = { ...forgery, "X-Forwarded-For": `${forged}, ${client}` };

describe("The client's address", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  let balancer: string;
  let service: Awaited<ReturnType<typeof proxies>>;
  let pod: Awaited<ReturnType<typeof whoamiPod>>;
  const host = `address.${domain}`;

  const throughBalancer = (): Way => ({ to: balancer });
  const fromPod = (): Way => ({ to: service.clusterIP, pid: pod.pid });
  /** Past the load balancer, as through one that keeps its clients' addresses. */
  const fromCdn = (): Way => ({ to: nodes[0].address, port: service.nodePort, from: elsewhere });

  const topologies: Topology[] = [
    {
      name: "with nobody in front of the edge",
      ups: [],
      senders: [
        { name: "a client", way: throughBalancer, says: forgery, chain: () => [front] },
        { name: "a pod", way: fromPod, says: forgery, chain: () => [pod.address] },
      ],
    },
    {
      name: "with proxies of known addresses in front of it",
      ups: [{ "trustedProxies.cidrs[0]": `${elsewhere}/32` }],
      senders: [
        {
          name: "a client through them",
          way: fromCdn,
          says: throughProxy,
          chain: () => [forged, client, elsewhere],
          found: () => client,
        },
        {
          name: "a client past them",
          way: throughBalancer,
          says: forgery,
          chain: () => [forged, front],
        },
        { name: "a pod", way: fromPod, says: forgery, chain: () => [forged, pod.address] },
      ],
    },
    {
      name: "with a known number of proxies in front of it",
      ups: [{ "trustedProxies.hops": "1" }],
      senders: [
        {
          name: "a client through one",
          way: throughBalancer,
          says: throughProxy,
          chain: () => [forged, client, front],
          found: () => client,
        },
      ],
    },
    {
      name: "with Cloudflare's proxy in front of it, and nobody else let in",
      ups: [
        {
          "cloudflare.proxied": "true",
          "cloudflare.edgeCertificates": "true",
          "trustedProxies.cloudflare": "true",
          "trustedProxies.only": "true",
        },
      ],
      told: /the encryption mode of each zone must be Full \(strict\)/,
      senders: [
        {
          name: "a client through it",
          way: () => ({ to: balancer, from: cloudflare }),
          says: { ...throughProxy, "CF-Connecting-IP": client },
          chain: () => [client],
        },
        { name: "a client past it", way: throughBalancer, says: forgery, chain: undefined },
        {
          name: "a pod by the public name",
          way: () => ({ to: balancer, pid: pod.pid }),
          says: forgery,
          chain: undefined,
        },
      ],
    },
  ];

  before(async () => {
    ({ stack, restore } = await edgeToChange());
    balancer = await balancerAddress();
    service = await proxies();
    pod = await whoamiPod();
    await output(["ip", "address", "add", `${cloudflare}/32`, "dev", "lo"]);
    // What Envoy goes by, in a header of the route's own.
    const found = { name: "X-Found", value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" };
    await apply({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "address", namespace: "whoami" },
      spec: {
        parentRefs: [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }],
        hostnames: [host],
        rules: [
          {
            filters: [{ type: "RequestHeaderModifier", requestHeaderModifier: { set: [found] } }],
            backendRefs: [{ name: "whoami", port: 80 }],
          },
        ],
      },
    });
  });
  after(async () => {
    await remove("httproute", "address", "whoami");
    await output(["ip", "address", "del", `${cloudflare}/32`, "dev", "lo"]);
    await restore();
  });

  for (const { name, ups, told = /^/, senders } of topologies)
    describe(name, () => {
      before(async () => {
        if (ups.length > 0) await stack.run("config", "rm", "https-edge:trustedProxies");
        let said = "";
        for (const settings of ups) {
          for (const [key, value] of Object.entries(settings)) stack.set(`https-edge:${key}`, value);
          said = await stack.up();
        }
        assert.match(said, told);
        assert.doesNotMatch(said, /trustedProxies\.only must keep others out/);
      });

      for (const sender of senders)
        for (const protocol of ["1.1", "2"] as const) {
          const { chain, found = () => chain?.().at(-1) ?? "" } = sender;
          if (!chain)
            it(`is of no account: ${sender.name} is not let in by HTTP/${protocol}`, () =>
              eventually("the end of answers", () =>
                assert.rejects(ask(host, sender.way(), sender.says, protocol), /curl: \((7|28|35|52|56)\)/),
              ));
          else
            it(`is that of ${sender.name} by HTTP/${protocol}, whatever he forges`, () =>
              eventually("the application's view", async () => {
                const seen = await ask(host, sender.way(), sender.says, protocol);
                assert.equal(seen.protocol, protocol);
                const { "x-forwarded-for": addressesSeen = "", "x-found": address, ...others } = seen.headers;
                assert.deepEqual(addressesSeen.split(/, ?/), chain());
                assert.equal(address, found());
                assert.equal(others["x-forwarded-proto"], "https");
                for (const [header, value] of Object.entries(others)) assert.ok(!value.includes(forged), header);
              }));
        }
    });

  // A suite of its own, which comes after the topologies' and so with the settings of the last one.
  describe("in DNS, where Cloudflare's proxy stands in front", () => {
    it("is one of Cloudflare's that clients connect to", () =>
      eventually("Cloudflare's address", async () => {
        assert.equal((await lookup(`whoami.${domain}`, { family: 4 })).address, anycast);
      }));
  });
});
