import assert from "node:assert/strict";
import type { Server } from "node:https";
import type { ProxyProtocolArgs } from "../components";
import { Cluster } from "../components/cluster";
import { proxyProtocolField } from "../components/proxyProtocol";
import { parse } from "../components/rules/problems";
import { checkPhase, checkStep, type Ends, phaseOf, phases, warningOf } from "../components/rules/proxyProtocol";
import { versionSets } from "../components/rules/versions";
import { settingsSchema } from "../components/schema";
import { kubeconfig, put, stand } from "./support/cluster";
import { deploy, types } from "./support/deploy";
import { deployEdge } from "./support/edge";
import { serve } from "./support/https";
import { names } from "./support/names";
import { balancerService, service, through } from "./support/proxyProtocol";

const { current, guide } = versionSets;
type Phase = keyof typeof phases;
const order: Phase[] = ["off", "prepare", "enable", "enforce"];
const stands = (ends: Ends, seen?: boolean) => ({ ...ends, accepted: true, seen });

describe("A phase of PROXY protocol", () => {
  it("differs from its neighbours at one end", () => {
    for (const [index, phase] of order.slice(1).entries()) {
      const [a, b] = [phases[phase], phases[order[index] ?? "off"]];
      assert.equal(Number(a.proxies !== b.proxies) + Number(a.balancer !== b.balancer), 1, phase);
    }
  });

  for (const [from, before] of order.entries())
    for (const [to, after] of order.entries()) {
      const follows = Math.abs(from - to) <= 1;
      it(`${after} ${follows ? "may" : "may not"} follow ${before}`, () => {
        const problem = checkStep(stands(phases[before]), after, current, names);
        if (follows) return assert.equal(problem, undefined);
        const next = order[from + Math.sign(to - from)];
        return assert.equal(
          problem,
          `must go step by step from ${before}, which the cluster stands in, got ${after} (both ends would change at once, and connections be reset between; set ${next} and run pulumi up first)`,
        );
      });
    }

  it("may be any where there is no load balancer yet", () => {
    for (const phase of order) assert.equal(checkStep(undefined, phase, current, names), undefined);
  });

  it("enable waits until the proxies go by the policy that lets them take a header", () => {
    const prepared = { ...phases.prepare, accepted: false };
    assert.match(
      checkStep(prepared, "enable", current, names) ?? "",
      /^must wait until the proxies take a header, got enable \(/,
    );
    for (const phase of ["off", "prepare"] as const)
      assert.equal(checkStep(prepared, phase, current, names), undefined);
    // What stands in enable already is not held up by it.
    assert.equal(checkStep({ ...phases.enable, accepted: false }, "enable", current, names), undefined);
  });

  it("enforce waits until the load balancer is seen to send, whatever its Service says", () => {
    assert.match(checkStep(stands(phases.enable, false), "enforce", current, names) ?? "", /^must stay enable until/);
    for (const seen of [true, undefined])
      assert.equal(checkStep(stands(phases.enable, seen), "enforce", current, names), undefined);
  });

  it("off waits until the load balancer is seen to have stopped", () => {
    assert.match(checkStep(stands(phases.prepare, true), "off", current, names) ?? "", /^must stay prepare as long as/);
    for (const seen of [false, undefined])
      assert.equal(checkStep(stands(phases.prepare, seen), "off", current, names), undefined);
  });

  it("mends one end after the other where both are at odds", () => {
    const sendsAlone = { proxies: "none", balancer: true } as const;
    assert.equal(phaseOf(sendsAlone), undefined);
    assert.equal(
      checkStep(stands(sendsAlone), "prepare", current, names),
      "must mend one end at a time, got prepare (the load balancer sends a header and the proxies take none, so that connections are reset; set off or enable or enforce and run pulumi up first)",
    );
    for (const phase of ["off", "enable", "enforce"] as const)
      assert.equal(checkStep(stands(sendsAlone), phase, current, names), undefined);
    const takesAlone = { proxies: "strict", balancer: false } as const;
    assert.match(checkStep(stands(takesAlone), "enable", current, names) ?? "", /the proxies insist on one/);
    for (const phase of ["off", "prepare", "enforce"] as const)
      assert.equal(checkStep(stands(takesAlone), phase, current, names), undefined);
  });

  describe("with Envoy Gateway 1.3", () => {
    it("is off or enforce, since its proxies cannot take both", () => {
      for (const phase of ["off", "enforce"] as const) assert.equal(checkPhase(phase, guide), undefined);
      for (const phase of ["prepare", "enable"] as const)
        assert.equal(
          checkPhase(phase, guide),
          `must be off or enforce, got ${phase} (Envoy Gateway 1.3.3 cannot take connections both with a header and without)`,
        );
    });

    it("goes from one to the other at once, and says what that does beforehand", () => {
      for (const [from, to] of [
        ["off", "enforce"],
        ["enforce", "off"],
      ] as const) {
        assert.equal(checkStep(stands(phases[from]), to, guide, names), undefined);
        assert.match(
          warningOf(stands(phases[from]), to, guide) ?? "",
          /: the proxies change first, in a second, and every connection is reset until the load balancer has followed\.$/,
        );
        assert.equal(warningOf(stands(phases[to]), to, guide), undefined);
      }
    });
  });

  it("enable is called what it is, and no other", () => {
    assert.match(warningOf(stands(phases.prepare), "enable", current) ?? "", /claim any address\. Set enforce next\.$/);
    for (const phase of ["off", "prepare", "enforce"] as const)
      assert.equal(warningOf(stands(phases[phase]), phase, current), undefined);
  });
});

describe("The setting proxyProtocol", () => {
  const domains = [{ name: "example.com" }];
  const problemsOf = (proxyProtocol: object, more: object = {}) => {
    const parsed = parse(settingsSchema, { domains, proxyProtocol, ...more });
    return "problems" in parsed ? parsed.problems : [];
  };
  const good = { loadBalancer: "hetzner", phase: "prepare" };
  const annotations = { "cloud.example/proxy": "on" };

  for (const [what, setting] of [
    ["a load balancer and a phase", good],
    ["a version that the load balancer has", { loadBalancer: "scaleway", phase: "prepare", version: "v1" }],
    ["other annotations than the known ones", { ...good, annotations }],
    ["another load balancer with its annotations", { ...good, loadBalancer: "other", annotations }],
  ] as [string, object][])
    it(`takes ${what}`, () => assert.deepEqual(problemsOf(setting), []));

  for (const [what, setting, problem, more] of [
    [
      "no phase",
      { loadBalancer: "hetzner" },
      /^proxyProtocol\.phase must be off or prepare or enable or enforce, got nothing/,
    ],
    ["no load balancer", { phase: "off" }, /^proxyProtocol\.loadBalancer must be a string, got nothing/],
    ["a cloud that has none", { ...good, loadBalancer: "gcp" }, /^proxyProtocol\.loadBalancer must be one that sends/],
    ["a version that it has not", { ...good, version: "v1" }, /^proxyProtocol\.version must be v2, got v1/],
    ["a version that is none", { ...good, version: "2" }, /^proxyProtocol\.version must be v1 or v2, got "2"/],
    [
      "a version beside annotations",
      { ...good, version: "v2", annotations },
      /^proxyProtocol\.version must be left out beside annotations, got v2 \(they say it\)$/,
    ],
    [
      "another load balancer without annotations",
      { ...good, loadBalancer: "other" },
      /^proxyProtocol\.annotations must say what switches it on .*, got nothing \(as its documentation has it\)$/,
    ],
    [
      "no annotations in their place",
      { ...good, annotations: {} },
      /^proxyProtocol\.annotations must hold at least one/,
    ],
    [
      "an annotation that is none",
      { ...good, annotations: { "a b": "" } },
      /^proxyProtocol\.annotations must have a key/,
    ],
    ["an unknown name", { ...good, enabled: true }, /^proxyProtocol\.enabled must be a setting, got an unknown name/],
    [
      "the switch among free annotations",
      good,
      /^gateway\.annotations\["load-balancer\.hetzner\.cloud\/uses-proxyprotocol"\] must be left to proxyProtocol/,
      { gateway: { annotations: { "load-balancer.hetzner.cloud/uses-proxyprotocol": "true" } } },
    ],
    [
      "a phase that the version has not",
      good,
      /^proxyProtocol\.phase must be off or enforce, got prepare \(Envoy Gateway 1\.3\.3/,
      { versions: { set: "guide" } },
    ],
  ] as [string, object, RegExp, object?][])
    it(`rejects ${what}`, () => {
      const [problem1, ...more1] = problemsOf(setting, more);
      assert.match(problem1 ?? "", problem);
      assert.deepEqual(more1, []);
    });

  it("rejects a known switch among free annotations where it is not set", () => {
    const gateway = { annotations: { "load-balancer.hetzner.cloud/uses-proxyprotocol": "true" } };
    const parsed = parse(settingsSchema, { domains, gateway });
    assert.match("problems" in parsed ? parsed.problems.join() : "", /set proxyProtocol to { loadBalancer: hetzner/);
  });
});

describe("An edge with PROXY protocol", () => {
  afterEach(() => stand());

  const hetzner = (phase: Phase, more: Partial<ProxyProtocolArgs> = {}) => ({
    proxyProtocol: { loadBalancer: "hetzner", phase, ...more },
  });
  const sends = { "load-balancer.hetzner.cloud/uses-proxyprotocol": "true", "https-edge/proxy-protocol": "hetzner" };
  const policyPath = "/apis/gateway.envoyproxy.io/v1alpha1/namespaces/envoy-gateway/clienttrafficpolicies/eg";

  /** What both ends are given. */
  const given = async (args: Parameters<typeof deployEdge>[0]) => {
    const deployment = await deployEdge(args);
    const policy = deployment.only(types.clientTrafficPolicy).inputs.spec as Record<string, unknown>;
    const proxies = deployment.only(types.envoyProxy);
    const { provider } = proxies.inputs.spec as {
      provider: { kubernetes: { envoyService?: { annotations: Record<string, string> } } };
    };
    return { deployment, policy, proxies, annotations: provider.kubernetes.envoyService?.annotations };
  };

  const expected: [Phase, unknown, unknown][] = [
    ["off", undefined, undefined],
    ["prepare", { optional: true }, undefined],
    ["enable", { optional: true }, sends],
    ["enforce", { optional: false }, sends],
  ];
  for (const [phase, field, annotations] of expected)
    it(`gives both ends what they do in phase ${phase}`, async () => {
      const both = await given(hetzner(phase));
      assert.deepEqual(both.policy.proxyProtocol, field);
      assert.equal(both.policy.enableProxyProtocol, undefined);
      assert.deepEqual(both.annotations, annotations);
    });

  it("has the proxies take the header before the load balancer is told to send it", async () => {
    const waits = async (phase: Phase) =>
      (await given(hetzner(phase))).proxies.dependencies.some(([type]) => type === types.clientTrafficPolicy);
    assert.equal(await waits("enable"), true);
    assert.equal(await waits("prepare"), false);
  });

  it("keeps free annotations beside its own", async () => {
    const free = { "load-balancer.hetzner.cloud/location": "fsn1" };
    const { annotations } = await given({ ...hetzner("enable"), gateway: { annotations: free } });
    assert.deepEqual(annotations, { ...free, ...sends });
  });

  it("takes the setting's annotations in place of the known ones", async () => {
    const own = { "cloud.example/proxy": "on" };
    const { annotations } = await given({
      proxyProtocol: { loadBalancer: "other", phase: "enforce", annotations: own },
    });
    assert.deepEqual(annotations, { ...own, "https-edge/proxy-protocol": "other" });
  });

  it("asks Envoy Gateway 1.3 for its older field", () => {
    const args = { loadBalancer: "hetzner", phase: "enforce" } as const;
    assert.deepEqual(proxyProtocolField(args, guide), { enableProxyProtocol: true });
    assert.deepEqual(proxyProtocolField({ ...args, phase: "off" }, guide), {});
    assert.deepEqual(proxyProtocolField(undefined, guide), {});
  });

  describe("in a cluster where it stands", () => {
    /** The policy in the cluster; accepted as of a generation. */
    const policy = (spec: object, accepted = 1) =>
      put(policyPath, {
        metadata: { name: "eg", namespace: "envoy-gateway", uid: "policy", generation: 1 },
        spec,
        status: {
          ancestors: [
            {
              ancestorRef: { name: "eg" },
              conditions: [{ type: "Accepted", status: "True", observedGeneration: accepted }],
            },
          ],
        },
      });
    const optional = { proxyProtocol: { optional: true } };

    /** The one line with which a phase is refused, in a preview and in an up. */
    const refused = async (args: Parameters<typeof deployEdge>[0]) => {
      const lines = new Set<string>();
      for (const preview of [true, false])
        await assert.rejects(deployEdge(args, { preview }), ({ message }: Error) => {
          const [first, ...more] = message.split("\n");
          assert.match(first ?? "", /is not free for this edge; nothing was changed:$/);
          for (const line of more) lines.add(line.trim());
          return true;
        });
      assert.equal(lines.size, 1);
      return [...lines][0] ?? "";
    };

    it("is off where an earlier version put the edge up, which knew no policy", async () => {
      service();
      assert.match(
        await refused(hetzner("enable")),
        /^proxyProtocol\.phase must go step by step from off, .* set prepare/,
      );
      await deployEdge(hetzner("prepare"), { preview: true });
    });

    it("reads the phase from the policy and the Service", async () => {
      service(sends);
      policy(optional);
      assert.match(await refused({}), /from enable, .* got off .* set prepare and/);
      policy({ proxyProtocol: {} });
      assert.match(await refused(hetzner("prepare")), /from enforce, .* got prepare .* set enable and/);
      policy({ enableProxyProtocol: true });
      assert.match(await refused(hetzner("prepare")), /from enforce, /);
    });

    it("knows that the load balancer sends by its own mark, and by every known annotation", async () => {
      policy(optional);
      service({ "https-edge/proxy-protocol": "other", "cloud.example/proxy": "on" });
      assert.match(await refused({}), /from enable, /);
      service({ "service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol": "true" });
      assert.match(await refused({}), /from enable, /);
    });

    it("refuses enable as long as the policy is not accepted as it is now", async () => {
      service();
      policy(optional, 0);
      assert.match(await refused(hetzner("enable")), /^proxyProtocol\.phase must wait until the proxies take a header/);
      policy(optional);
      const { warnings } = await deployEdge(hetzner("enable"), { preview: true });
      assert.equal(warnings.filter((each) => /claim any address\. Set enforce next/.test(each)).length, 1);
    });

    it("may be any phase where there is no load balancer any more", async () => {
      policy(optional);
      await deployEdge(hetzner("enforce"));
    });

    describe("and is asked itself", () => {
      let server: Server;
      let port: number;
      before(async () => {
        ({ server, port } = await serve("example.com"));
      });
      after(() => server.close());

      /** Looks at a cluster with these ends, whose load balancer is at the end of a way that may do otherwise. */
      const look = async (ends: Ends, does: boolean, phase: Phase, serving = {}): Promise<void> => {
        policy(optional);
        balancerService(ends.balancer);
        const addresses = [{ type: "IPAddress", value: "127.0.0.1" }];
        put("/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg", { status: { addresses } });
        const way = await through({ ...ends, balancer: does }, port);
        const args = { names, component: "edge", versions: current, domain: "example.com", port: way.port, serving };
        const connection = { kubeconfig: await kubeconfig(), proxyProtocol: { phase } };
        try {
          await deploy(() => void new Cluster("cluster", { ...args, ...connection }, {}));
        } finally {
          way.close();
        }
      };

      it("refuses enforce when the load balancer sends none, though its Service says so", async () => {
        await assert.rejects(look(phases.enable, false, "enforce"), {
          message: /proxyProtocol\.phase must stay enable until the load balancer sends a header, got enforce/,
        });
        await look(phases.enable, true, "enforce");
      });

      it("refuses off when the load balancer still sends, though its Service says it does not", async () => {
        await assert.rejects(look(phases.prepare, true, "off"), {
          message: /proxyProtocol\.phase must stay prepare as long as the load balancer sends a header, got off/,
        });
        await look(phases.prepare, false, "off");
      });

      it("goes by the Service where the load balancer cannot be reached from here", () =>
        look(phases.enable, false, "enforce", { reachable: false }));
    });
  });
});
