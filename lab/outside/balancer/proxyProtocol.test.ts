import assert from "node:assert/strict";
import { proxyProtocol } from "./proxyProtocol";

const https = { name: "https-443", port: 443 };
const http = { name: "http-80", port: 80 };
const prefix = "service.beta.kubernetes.io";

describe("PROXY protocol", () => {
  const cases: [cloud: string, annotations: Record<string, string>, expected: "v1" | "v2" | undefined][] = [
    ["no annotation", {}, undefined],
    ["a Classic ELB", { [`${prefix}/aws-load-balancer-proxy-protocol`]: "*" }, "v1"],
    [
      "an NLB",
      { [`${prefix}/aws-load-balancer-proxy-protocol`]: "*", [`${prefix}/aws-load-balancer-type`]: "external" },
      "v2",
    ],
    ["AWS with another value than *", { [`${prefix}/aws-load-balancer-proxy-protocol`]: "true" }, undefined],
    [
      "an NLB by attributes of the target group",
      { [`${prefix}/aws-load-balancer-target-group-attributes`]: "a=b,proxy_protocol_v2.enabled=true" },
      "v2",
    ],
    ["VKS", { "vks.vngcloud.vn/enable-proxy-protocol": "*" }, "v1"],
    ["DigitalOcean", { [`${prefix}/do-loadbalancer-enable-proxy-protocol`]: "true" }, "v1"],
    ["Hetzner", { "load-balancer.hetzner.cloud/uses-proxyprotocol": "true" }, "v2"],
    ["Hetzner, switched off", { "load-balancer.hetzner.cloud/uses-proxyprotocol": "false" }, undefined],
    ["Scaleway", { [`${prefix}/scw-loadbalancer-proxy-protocol-v2`]: "true" }, "v2"],
    ["Octavia by its old value", { "loadbalancer.openstack.org/proxy-protocol": "true" }, "v1"],
    ["Octavia", { "loadbalancer.openstack.org/proxy-protocol": "v2" }, "v2"],
    ["Linode", { [`${prefix}/linode-loadbalancer-default-proxy-protocol`]: "v2" }, "v2"],
    ["Linode, switched off", { [`${prefix}/linode-loadbalancer-default-proxy-protocol`]: "none" }, undefined],
    ["Vultr", { [`${prefix}/vultr-loadbalancer-proxy-protocol`]: "true" }, "v1"],
    ["Civo", { "kubernetes.civo.com/loadbalancer-enable-proxy-protocol": "send-proxy-v2" }, "v2"],
    ["OCI", { [`${prefix}/oci-load-balancer-connection-proxy-protocol-version`]: "2" }, "v2"],
    ["OCI, key of another type", { "oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled": "true" }, undefined],
    [
      "OCI, network load balancer",
      {
        "oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled": "true",
        "oci.oraclecloud.com/load-balancer-type": "nlb",
      },
      "v2",
    ],
    ["Azure without private link", { [`${prefix}/azure-pls-proxy-protocol`]: "true" }, undefined],
    ["GKE, which has none", { "cloud.google.com/l4-rbs": "enabled" }, undefined],
  ];
  for (const [cloud, annotations, expected] of cases) {
    it(`is ${expected ?? "not sent"} with ${cloud}`, () => {
      assert.equal(proxyProtocol(annotations, https), expected);
      assert.equal(proxyProtocol(annotations, http), expected);
    });
  }

  it("is sent to the listed ports alone, by name with VKS and by number with Scaleway", () => {
    const vks = { "vks.vngcloud.vn/enable-proxy-protocol": "https-443, other" };
    const scaleway = { [`${prefix}/scw-loadbalancer-proxy-protocol-v1`]: "443" };
    for (const annotations of [vks, scaleway]) {
      assert.equal(proxyProtocol(annotations, https), "v1");
      assert.equal(proxyProtocol(annotations, http), undefined);
    }
  });

  it("is what Linode's annotation of the port says, before its default", () => {
    const annotations = {
      [`${prefix}/linode-loadbalancer-default-proxy-protocol`]: "v1",
      [`${prefix}/linode-loadbalancer-port-443`]: '{"proxy-protocol": "v2"}',
    };
    assert.equal(proxyProtocol(annotations, https), "v2");
    assert.equal(proxyProtocol(annotations, http), "v1");
  });

  it("is sent by UpCloud in TCP mode alone", () => {
    const backends = [{ name: "https-443", properties: { outbound_proxy_protocol: "v2" } }];
    const upcloud = (mode: string) => ({
      [`${prefix}/upcloud-load-balancer-config`]: JSON.stringify({
        frontends: [{ name: "https-443", mode }],
        backends,
      }),
    });
    assert.equal(proxyProtocol(upcloud("tcp"), https), "v2");
    assert.equal(proxyProtocol(upcloud("http"), https), undefined);
    assert.equal(proxyProtocol(upcloud("tcp"), http), undefined);
  });

  it("is not sent for a value that cannot be read", () => {
    assert.equal(proxyProtocol({ [`${prefix}/upcloud-load-balancer-config`]: "{" }, https), undefined);
  });
});
