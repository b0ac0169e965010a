import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkBeside,
  checkHeaderVersion,
  checkLoadBalancer,
  type HeaderVersion,
  loadBalancers,
  switchedOnBy,
  switchOf,
  without,
} from "../components/rules/loadBalancers";

const beta = "service.beta.kubernetes.io";
const ports = ["http-80", "https-443"];
const upcloud = (version: string) =>
  JSON.stringify({
    frontends: ports.map((name) => ({ name, mode: "tcp" })),
    backends: ports.map((name) => ({ name, properties: { outbound_proxy_protocol: version } })),
  });

/** What switches each on, by version, the default first. */
const switches: Record<string, [HeaderVersion | `${HeaderVersion}` | undefined, string, string][]> = {
  vks: [[undefined, "vks.vngcloud.vn/enable-proxy-protocol", "http-80,https-443"]],
  "aws-nlb": [["v2", `${beta}/aws-load-balancer-proxy-protocol`, "*"]],
  "aws-classic": [["v1", `${beta}/aws-load-balancer-proxy-protocol`, "*"]],
  digitalocean: [["v1", `${beta}/do-loadbalancer-enable-proxy-protocol`, "true"]],
  hetzner: [["v2", "load-balancer.hetzner.cloud/uses-proxyprotocol", "true"]],
  scaleway: [
    ["v2", `${beta}/scw-loadbalancer-proxy-protocol-v2`, "true"],
    ["v1", `${beta}/scw-loadbalancer-proxy-protocol-v1`, "true"],
  ],
  openstack: [
    ["v1", "loadbalancer.openstack.org/proxy-protocol", "true"],
    ["v2", "loadbalancer.openstack.org/proxy-protocol", "v2"],
  ],
  ovhcloud: [
    ["v1", "loadbalancer.openstack.org/proxy-protocol", "true"],
    ["v2", "loadbalancer.openstack.org/proxy-protocol", "v2"],
  ],
  linode: [
    ["v2", `${beta}/linode-loadbalancer-default-proxy-protocol`, "v2"],
    ["v1", `${beta}/linode-loadbalancer-default-proxy-protocol`, "v1"],
  ],
  vultr: [[undefined, `${beta}/vultr-loadbalancer-proxy-protocol`, "true"]],
  upcloud: [
    ["v2", `${beta}/upcloud-load-balancer-config`, upcloud("v2")],
    ["v1", `${beta}/upcloud-load-balancer-config`, upcloud("v1")],
  ],
  civo: [
    ["v2", "kubernetes.civo.com/loadbalancer-enable-proxy-protocol", "send-proxy-v2"],
    ["v1", "kubernetes.civo.com/loadbalancer-enable-proxy-protocol", "send-proxy"],
  ],
  "oci-lb": [
    ["v2", `${beta}/oci-load-balancer-connection-proxy-protocol-version`, "2"],
    ["v1", `${beta}/oci-load-balancer-connection-proxy-protocol-version`, "1"],
  ],
  "oci-nlb": [["v2", "oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled", "true"]],
  "azure-private-link": [["v2", `${beta}/azure-pls-proxy-protocol`, "true"]],
};

/** The annotations that a load balancer needs from its beginning. */
const needed = (name: string) =>
  Object.fromEntries((loadBalancers[name]?.needs ?? []).map(({ key, values: [value] }) => [key, value]));

/** Problems of free annotations beside a load balancer of the table. */
const beside = (name: string, free: Record<string, string>) =>
  checkBeside({ ...needed(name), ...free }, { loadBalancer: name, annotations: switchOf(name) }).map(
    ({ key, problem }) => `${key} ${problem}`,
  );

describe("A load balancer", () => {
  it("has a row of tests for each row of the table", () => {
    assert.deepEqual(Object.keys(switches), Object.keys(loadBalancers));
  });

  for (const [name, versions] of Object.entries(switches))
    describe(`named ${name}`, () => {
      it("is told to send by its annotation, the usual version unless another is chosen", () => {
        assert.equal(checkLoadBalancer(name), undefined);
        const [, key = "", value] = versions[0] ?? [];
        assert.deepEqual(switchOf(name), { [key]: value });
        for (const [version, its, means] of versions) {
          assert.deepEqual(switchOf(name, version), { [its]: means });
          assert.ok(switchedOnBy(its, means), "it is known on a Service");
        }
      });

      it("has no other version", () => {
        const known = versions.map(([version]) => version);
        for (const version of ["v1", "v2"] as const)
          assert.equal(checkHeaderVersion(name, version) === undefined, known.includes(version), version);
      });

      it("has what it needs beside, and nothing to say of other annotations", () => {
        assert.deepEqual(beside(name, { "cloud.example/kind": "network" }), []);
        for (const key of Object.keys(needed(name))) {
          const rest = Object.entries(needed(name)).filter(([each]) => each !== key);
          const chosen = { loadBalancer: name, annotations: switchOf(name) };
          const [missing] = checkBeside(Object.fromEntries(rest), chosen);
          assert.equal(missing?.key, key);
          assert.match(missing?.problem ?? "", /^must be ".*" with proxyProtocol\.loadBalancer .*, got nothing \(/);
          assert.match(beside(name, { [key]: "something-else" })[0] ?? "", /got "something-else" \(/);
        }
      });

      it("lets nobody set its switch beside it", () => {
        const [[key = "", value = ""] = []] = Object.entries(switchOf(name));
        assert.match(beside(name, { [key]: value })[0] ?? "", /must be left to proxyProtocol, got/);
        assert.match(beside(name, { [key]: "false" })[0] ?? "", /must be left to proxyProtocol, got/);
      });

      it("stands in docs/traffic.md, with its annotation and what clients inside the cluster do", () => {
        const docs = readFileSync(join(__dirname, "..", "docs", "traffic.md"), "utf8");
        const row = docs.split("\n").find((line) => line.startsWith(`| \`${name}\``));
        assert.ok(row);
        for (const [, key] of versions) assert.ok(row.includes(key), key);
        for (const key of Object.keys(needed(name))) assert.ok(row.includes(key), key);
        assert.ok(row.includes(loadBalancers[name]?.hairpin ?? "?"));
      });
    });

  for (const [name, { because }] of Object.entries(without))
    it(`named ${name} is refused, with what keeps the client's address there`, () => {
      assert.equal(
        checkLoadBalancer(name),
        `must be one that sends PROXY protocol, got ${name} (${because}; leave proxyProtocol away)`,
      );
    });

  it("that nobody knows is refused with those that are known", () => {
    assert.equal(
      checkLoadBalancer("aws"),
      `must be ${Object.keys(loadBalancers).join(", ")}, other, got "aws" (with other, annotations switch it on)`,
    );
    assert.match(checkLoadBalancer("constructor") ?? "", /got "constructor"/);
  });

  it("tells which versions it has", () => {
    assert.equal(checkHeaderVersion("aws-nlb", "v1"), "must be v2, got v1 (aws-nlb has no other)");
    assert.equal(
      checkHeaderVersion("vks", "v2"),
      "must be left out, got v2 (vks lets nobody choose, and the proxies take either)",
    );
  });
});

describe("A free annotation of the load balancer's Service", () => {
  /** Annotations that switch the protocol on, and the load balancer that each is of. */
  const on: [string, string, string][] = [
    [`${beta}/aws-load-balancer-target-group-attributes`, "proxy_protocol_v2.enabled=true", "aws-nlb"],
    [`${beta}/linode-loadbalancer-port-443`, '{"proxy-protocol": "v2"}', "linode"],
    [`${beta}/linode-loadbalancer-proxy-protocol`, "v1", "linode"],
    [`${beta}/upcloud-load-balancer-config`, upcloud("v1"), "upcloud"],
    ["load-balancer.hetzner.cloud/uses-proxyprotocol", "true", "hetzner"],
  ];
  for (const [key, value, name] of on) {
    it(`${key} with ${value.slice(0, 40)} is refused without the setting, which is proposed`, () => {
      assert.deepEqual(checkBeside({ [key]: value }), [
        {
          key,
          problem: `must be left to proxyProtocol, got "${value}" (without the proxies' part every connection is reset: set proxyProtocol to { loadBalancer: ${name}, phase: prepare })`,
        },
      ]);
    });
    it(`${key} with ${value.slice(0, 40)} is refused beside another switch`, () => {
      assert.match(beside("vks", { [key]: value })[0] ?? "", /must be absent beside proxyProtocol\.loadBalancer vks/);
    });
  }

  for (const [key, value] of [
    [`${beta}/aws-load-balancer-target-group-attributes`, "preserve_client_ip.enabled=true"],
    [`${beta}/linode-loadbalancer-port-443`, '{"proxy-protocol": "none"}'],
    [`${beta}/upcloud-load-balancer-config`, '{"plan":"production-small"}'],
    ["load-balancer.hetzner.cloud/uses-proxyprotocol", "false"],
    [`${beta}/linode-loadbalancer-default-proxy-protocol`, "none"],
  ] as [string, string][])
    it(`${key} with ${value} switches nothing on`, () => {
      assert.deepEqual(checkBeside({ [key]: value }), []);
      assert.equal(switchedOnBy(key, value), undefined);
    });

  it("may not make it another load balancer", () => {
    const [type] = beside("aws-classic", { [`${beta}/aws-load-balancer-type`]: "external" });
    assert.match(
      type ?? "",
      /must be absent with proxyProtocol\.loadBalancer aws-classic, got "external" \(.*aws-nlb\)$/,
    );
    const [nlb] = beside("oci-lb", { "oci.oraclecloud.com/load-balancer-type": "nlb" });
    assert.match(nlb ?? "", /which is oci-nlb\)$/);
    const [network] = beside("digitalocean", { [`${beta}/do-loadbalancer-type`]: "REGIONAL_NETWORK" });
    assert.match(network ?? "", /must be "REGIONAL" .*, got "REGIONAL_NETWORK" \(since Kubernetes 1\.33/);
  });

  it("may not have the load balancer end TLS", () => {
    for (const [name, { protocol }] of Object.entries(loadBalancers)) {
      if (!protocol) continue;
      assert.match(beside(name, { [protocol]: "HTTP" })[0] ?? "", /must be tcp, got "HTTP"/, name);
      assert.deepEqual(beside(name, { [protocol]: "TCP" }), [], name);
    }
  });

  it("that holds UpCloud's whole configuration goes into the setting", () => {
    const [problem] = beside("upcloud", { [`${beta}/upcloud-load-balancer-config`]: upcloud("v2") });
    assert.match(problem ?? "", /give the whole configuration in proxyProtocol\.annotations\)$/);
  });
});
