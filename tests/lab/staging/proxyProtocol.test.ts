import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, askPlain, output, run, startLoad, until } from "../../../lab";
import { get, list } from "../support/cluster";
import { domain, edgeToChange } from "../support/edge";
import { eventually } from "../support/eventually";
import { preview, type Stack } from "../support/stack";

const host = `whoami.${domain}`;
/** Addresses of a client that nobody else in the lab has. */
const client = { IPv4: "192.0.2.10", IPv6: "2001:db8:c11e::10" };
const outside = [`${client.IPv4}/32`, `${client.IPv6}/128`];

const kubectl = (...args: string[]): Promise<string> => output(["kubectl", ...args]);

/** The proxies' Service, which the load balancer belongs to. */
const service = async (): Promise<string> => {
  const [found] = (await list("services")).filter(
    ({ metadata }) => metadata.labels?.["gateway.envoyproxy.io/owning-gateway-name"] === "eg",
  );
  assert.ok(found, "the proxies have a Service");
  return found.metadata.name;
};

const inSystem = ["-n", "envoy-gateway-system"];
const annotate = async (annotation: string): Promise<void> => {
  await kubectl("annotate", "service", await service(), ...inSystem, "--overwrite", annotation);
};
const patchPolicy = (proxyProtocol: object | null): Promise<string> => {
  const patch = ["--type", "merge", "-p", JSON.stringify({ spec: { proxyProtocol } })];
  return kubectl("patch", "clienttrafficpolicy", "eg", "-n", "envoy-gateway", ...patch);
};

/** Addresses that the Gateway has. */
const standing = async (): Promise<string[]> => {
  const { status } = await get("gateway", "eg", "envoy-gateway");
  return ((status?.addresses ?? []) as { value: string }[]).map(({ value }) => value);
};

/** An address that is nobody's. */
const forged = "192.0.2.66";
const forgery = Object.fromEntries(
  ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "x-envoy-external-address"].map((name) => [
    name,
    forged,
  ]),
);

/** The header of a request that the application sees, from a client of its own over each IP family. */
const header = async (address: string, name: string, headers: Record<string, string>, protocol: string) => {
  const from = client[address.includes(":") ? "IPv6" : "IPv4"];
  const { status, body } = await ask(host, { address, from, headers, protocols: [protocol] });
  assert.equal(status, 200);
  return new RegExp(`^${name}: (.*)$`, "m").exec(body)?.[1];
};

/** Who an application takes for its client, over each IP family, whatever that forges by HTTP/1.1 and HTTP/2. */
const seen = async (addresses: string[]) => {
  const found: Record<string, string | undefined> = {};
  for (const address of addresses)
    for (const name of ["X-Forwarded-For", "X-Envoy-External-Address"]) {
      const [one, two] = await Promise.all(
        ["http/1.1", "h2"].map((protocol) => header(address, name, forgery, protocol)),
      );
      assert.equal(one, two);
      found[`${address.includes(":") ? "IPv6" : "IPv4"} ${name}`] = one;
    }
  return found;
};
const own = {
  "IPv4 X-Forwarded-For": client.IPv4,
  "IPv4 X-Envoy-External-Address": client.IPv4,
  "IPv6 X-Forwarded-For": client.IPv6,
  "IPv6 X-Envoy-External-Address": client.IPv6,
};

/** What a pod of whoami gets from the public address. */
const fromInside = async (address: string): Promise<{ output: string }> => {
  const pid = (await output(["pgrep", "--newest", "-f", "^/whoami"])).trim();
  const way = ["curl", "-sSk", "-m", "5", "--resolve", `${host}:443:${address}`, `https://${host}/`];
  return run(["nsenter", "-t", pid, "--net", ...way]);
};

describe("PROXY protocol", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  let addresses: string[];
  let v4: string;
  before(async () => {
    ({ stack, restore } = await edgeToChange());
    for (const address of outside) await output(["ip", "addr", "replace", address, "dev", "lo"]);
    await annotate("lab.https-edge/report=IPv4,IPv6");
    addresses = await until("two addresses", async () => {
      const all = await standing();
      return all.length === 2 && all;
    });
    v4 = addresses.find((each) => each.includes(".")) ?? "";
  });
  after(async () => {
    await annotate("lab.https-edge/report-");
    await until("one address", async () => (await standing()).length === 1);
    await restore();
    for (const address of outside) await output(["ip", "addr", "del", address, "dev", "lo"]);
  });

  const phase = async (to: string, version = "v1"): Promise<string> => {
    stack.set("https-edge:proxyProtocol.loadBalancer", "scaleway");
    stack.set("https-edge:proxyProtocol.phase", to);
    stack.set("https-edge:proxyProtocol.version", version);
    return stack.up();
  };

  describe("on its way to enforce and back, under a steady load", () => {
    const loads: ReturnType<typeof startLoad>[] = [];
    before(() => {
      const each = {
        address: v4,
        every: 100,
        accept: ({ status }: { status: number }) => status === 200,
      };
      loads.push(
        startLoad(host, each),
        startLoad(host, { ...each, keep: true, protocols: ["http/1.1"] }),
        startLoad(host, { ...each, keep: true, protocols: ["h2"] }),
      );
    });

    it("is refused when a phase is skipped, with the one to set first", async () => {
      stack.set("https-edge:proxyProtocol.loadBalancer", "scaleway");
      stack.set("https-edge:proxyProtocol.phase", "enable");
      await stack.refuses(/proxyProtocol\.phase must go step by step from off, .* got enable .* set prepare/, preview);
    });

    it("takes a header in phase prepare, while the load balancer sends none", async () => {
      await phase("prepare");
      assert.notDeepEqual(await seen(addresses), own);
    });

    it("brings the client's own address in phase enable, by version 1, and says what it leaves open", async () => {
      assert.match(await phase("enable"), /warning: In phase enable of proxyProtocol, whoever reaches the proxies/);
      assert.deepEqual(await seen(addresses), own);
      assert.equal((await askPlain(domain)).status, 301);
      assert.match((await fromInside(v4)).output, /^Hostname: whoami-/m);
    });

    it("brings it in phase enforce, by version 2", async () => {
      await phase("enforce", "v2");
      assert.deepEqual(await seen(addresses), own);
      assert.equal((await askPlain(domain)).status, 301);
    });

    it("resets a client inside the cluster in phase enforce, whose way kube-proxy shortens, until its address is one of a proxy", async () => {
      assert.match((await fromInside(v4)).output, /reset by peer|SSL_ERROR_SYSCALL/);
      const ingress = (await standing()).map((ip) => ({ ip, ipMode: "Proxy" }));
      const patch = ["--type", "merge", "-p", JSON.stringify({ status: { loadBalancer: { ingress } } })];
      await kubectl("patch", "service", await service(), ...inSystem, "--subresource=status", ...patch);
      await eventually("an answer through the load balancer", async () => {
        assert.match((await fromInside(v4)).output, /^Hostname: whoami-/m);
      });
    });

    it("believes a proxy before the load balancer once it is told of it, and nobody else", async () => {
      stack.set("https-edge:trustedProxies.cidrs[0]", `${client.IPv4}/32`);
      stack.set("https-edge:trustedProxies.beforeBalancer", "true");
      await phase("enable", "v2");
      const said = `${forged}, 192.0.2.77`;
      for (const address of addresses)
        for (const protocol of ["http/1.1", "h2"]) {
          const from = client[address.includes(":") ? "IPv6" : "IPv4"];
          const chain = await header(address, "X-Forwarded-For", { "x-forwarded-for": said }, protocol);
          // From the right, the first that is none of the proxies: what the proxy says, and of all others their own address.
          assert.deepEqual(chain?.split(/, ?/), [...said.split(", "), from]);
        }
      await stack.succeed("config", "rm", "https-edge:trustedProxies");
    });

    it("goes back by the same phases with one command, which looks at each", async () => {
      const { code, output: said } = await stack.operation("proxy-protocol", "disable", "--yes");
      assert.equal(code, 0, said);
      assert.match(said, /^proxyProtocol goes from enable to prepare, then off: /m);
      assert.match(said, /^Phase off: every address answers as it must\.$/m);
      assert.notDeepEqual(await seen(addresses), own);
    });

    it("has failed no request, on new connections and kept ones", async () => {
      const outcomes = await Promise.all(loads.map(({ stop }) => stop()));
      for (const { requests, failures } of outcomes) {
        assert.ok(requests > 100);
        assert.deepEqual(failures, []);
      }
      for (const { requests, connections } of outcomes.slice(1))
        assert.ok(connections <= requests / 10, `${connections} connections for ${requests} requests`);
    });
  });

  describe("at one end only", () => {
    /** What clients get on ports 443 and 80: the status of the answer, or why there is none. */
    const both = async (): Promise<string[]> => {
      const inWords = (asked: Promise<{ status: number }>): Promise<string> =>
        asked.then(
          ({ status }) => String(status),
          ({ message }: Error) => message,
        );
      return [await inWords(ask(host, { address: v4 })), await inWords(askPlain(domain, "/", v4))];
    };
    const serves = () =>
      eventually("answers on both ports", async () => assert.deepEqual(await both(), ["200", "301"]));

    it("is an alert of TLS on port 443 and 400 on port 80 when the load balancer alone speaks it", async () => {
      await annotate("service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1=true");
      await eventually("the load balancer's header", async () => {
        const [https, http] = await both();
        assert.match(https ?? "", /alert protocol version/);
        assert.equal(http, "400");
      });
      await annotate("service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1-");
      await serves();
    });

    it("is a connection closed without a word on both ports when the proxies alone insist on it", async () => {
      await patchPolicy({ optional: false });
      await eventually("the proxies' refusal", async () => {
        const [https, http] = await both();
        assert.match(https ?? "", /socket disconnected before secure TLS connection|ECONNRESET/);
        assert.match(http ?? "", /socket hang up|ECONNRESET/);
      });
      await patchPolicy(null);
      await serves();
    });
  });
});
