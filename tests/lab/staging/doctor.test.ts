import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { ecdhCurves } from "../../../components/rules/tls";
import { acmeControlUrl, controlUrl, dns, output, runDirectory, tokens, zones } from "../../../lab";
import { asToken } from "../support/cloudflare";
import { apply, get, list } from "../support/cluster";
import { fail, recover } from "../support/control";
import { Doctor, trustingStaging } from "../support/doctor";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import { registerAnew } from "../support/letsencrypt";
import type { Stack } from "../support/stack";

const host = `whoami.${domain}`;
const token = "Cloudflare token cert-manager/cloudflare-api-token";
const zone = `zone of ${domain}`;
const whoami = "HTTPRoute whoami/whoami";
const policy = "ClientTrafficPolicy envoy-gateway/eg";

const kubectl = (...args: string[]): Promise<string> => output(["kubectl", ...args]);
const patched = (patch: object, type = "merge"): string[] => ["--type", type, "-p", JSON.stringify(patch)];

/** What breaks the edge, and mends it again. */
interface Break {
  /** What the doctor names it, and where. */
  found: string;
  breaks(): Promise<unknown>;
  mends(): Promise<unknown>;
}

/** A record of the zone that is not ours, or of an address that is. */
const record = (found: string, fields: object): Break => {
  const [{ id: zoneId = "" } = {}] = zones.filter(({ name }) => name === "example.com");
  let id = "";
  return {
    found,
    breaks: async () => {
      const { result, errors } = await asToken(tokens.deploy, "POST", `zones/${zoneId}/dns_records`, {
        ttl: 60,
        ...fields,
      });
      assert.deepEqual(errors, []);
      ({ id } = result as { id: string });
    },
    mends: () => asToken(tokens.deploy, "DELETE", `zones/${zoneId}/dns_records/${id}`),
  };
};

/** A change of an object, and back. */
const change = (
  found: string,
  [kind = "", name = "", namespace = ""]: string[],
  there: string[],
  back: string[],
): Break => {
  const patch = (args: string[]) => kubectl("patch", kind, name, ...(namespace ? ["-n", namespace] : []), ...args);
  return { found, breaks: () => patch(there), mends: () => patch(back) };
};

/** A service of the outside that fails, and what else the finding needs. */
const failure = (found: string, url: string, faults: object[], more?: Pick<Break, "breaks" | "mends">): Break => ({
  found,
  breaks: async () => {
    await fail(url, faults);
    await more?.breaks();
  },
  mends: async () => {
    await recover(url);
    await more?.mends();
  },
});

/** No pods of a Deployment, and as many as before. */
const without = (found: string, named: string | (() => Promise<string>), namespace: string): Break => {
  let name = "";
  let replicas = 1;
  const scale = (to: number) => kubectl("scale", "deployment", name, "-n", namespace, `--replicas=${to}`);
  return {
    found,
    breaks: async () => {
      name = typeof named === "string" ? named : await named();
      replicas = Number((await get("deployment", name, namespace)).spec?.replicas);
      await scale(0);
    },
    mends: async () => {
      await scale(replicas);
      await kubectl("rollout", "status", "deployment", name, "-n", namespace, "--timeout=120s");
    },
  };
};

/** A server over HTTPS, once it listens. */
const listening = async (address: string, ...of: Parameters<typeof createServer>): Promise<Server> => {
  const server = createServer(...of);
  await once(server.listen(443, address), "listening");
  return server;
};

describe("https-edge doctor", () => {
  let stack: Stack;
  let doctor: Doctor;
  before(async () => {
    stack = await stagingEdge();
    doctor = new Doctor(stack);
  });
  after(() => doctor.end());

  it("finds nothing wrong with a healthy edge, nor of the Gateway's name alone", async () => {
    await doctor.sees();
    const {
      code,
      stdout,
      output: said,
    } = await stack.operation("doctor", ...trustingStaging(), "--gateway", "envoy-gateway/eg");
    assert.equal(code, 0, said);
    assert.match(stdout, /\nNothing is wrong: \d+ links looked at\.\n$/);
  });

  it("finds the stack's token, zone and cluster fit before an up", async () => {
    const { code, output: said } = await stack.operation("doctor", "--preflight");
    assert.equal(code, 0, said);
    assert.match(said, /✔ Cloudflare token cloudflare:apiToken/);
  });

  describe("names, and nothing else,", () => {
    const cases = (all: Record<string, Break>): void => {
      for (const [what, { found, breaks, mends }] of Object.entries(all))
        it(what, async () => {
          try {
            await breaks();
            await doctor.sees(found);
          } finally {
            await mends();
          }
          await doctor.sees();
        });
    };

    const backend = (name: string) =>
      patched([{ op: "replace", path: "/spec/rules/0/backendRefs/0/name", value: name }], "json");
    const section = (name: string) =>
      patched([{ op: "replace", path: "/spec/parentRefs/0/sectionName", value: name }], "json");
    const secretOfListener = (name: string) =>
      patched([{ op: "replace", path: "/spec/listeners/1/tls/certificateRefs/0/name", value: name }], "json");
    const hostnames = (all: string[]) => patched({ spec: { hostnames: all } });
    const route = ["httproute", "whoami", "whoami"];
    const traffic = ["clienttrafficpolicy", "eg", "envoy-gateway"];
    const proxyProtocol = (value: object | null) => patched({ spec: { proxyProtocol: value } });
    const groups = (all: string[]) => patched({ spec: { tls: { ecdhCurves: all } } });
    const detection = (value: object | null) => patched({ spec: { clientIPDetection: value } });
    /** The one of a kind that Envoy Gateway has made for the Gateway. */
    const made = (kind: string) => async (): Promise<string> => {
      const [found] = (await list(kind)).filter(
        ({ metadata }) => metadata.labels?.["gateway.envoyproxy.io/owning-gateway-name"] === "eg",
      );
      return found?.metadata.name ?? "";
    };
    const annotated = (found: string, key: string, value: string): Break => {
      const annotate = async (annotation: string) =>
        kubectl(
          "annotate",
          "service",
          await made("services")(),
          "-n",
          "envoy-gateway-system",
          "--overwrite",
          annotation,
        );
      return { found, breaks: () => annotate(`${key}=${value}`), mends: () => annotate(`${key}-`) };
    };

    /** What a CRD says of itself, which the Gateway API's own policy guards; a policy that is changed is in force a moment later. */
    const crd = (found: string, key: string, [bad, good]: [string, string]): Break => {
      const guard = (action: string) =>
        kubectl(
          ...["patch", "validatingadmissionpolicybinding", "safe-upgrades.gateway.networking.k8s.io"],
          ...patched({ spec: { validationActions: [action] } }),
        );
      const say = (value: string) =>
        eventually(`${key} ${value}`, async () => {
          const annotation = `gateway.networking.k8s.io/${key}=${value}`;
          await kubectl("annotate", "crd", "grpcroutes.gateway.networking.k8s.io", "--overwrite", annotation);
        });
      return {
        found: `${found}: CRDs of the Gateway API`,
        breaks: async () => {
          await guard("Audit");
          await say(bad);
        },
        mends: async () => {
          await say(good);
          await guard("Deny");
        },
      };
    };
    /** The newest revision of Envoy Gateway's release gets a status. */
    const revision = async (status: string): Promise<void> => {
      const all = (await list("secrets")).filter(({ metadata: { labels } }) => labels?.owner === "helm");
      const versions = all.filter(({ metadata }) => metadata.labels?.name === "eg");
      const newest = versions.sort(
        (a, b) => Number(b.metadata.labels?.version) - Number(a.metadata.labels?.version),
      )[0];
      const { name = "", namespace = "" } = newest?.metadata ?? {};
      await kubectl("label", "secret", name, "-n", namespace, "--overwrite", `status=${status}`);
    };

    describe("of the controllers", () =>
      cases({
        "a cert-manager without pods": without(
          "controller-down: Deployment cert-manager/cert-manager",
          "cert-manager",
          "cert-manager",
        ),
        "a webhook that nobody answers for": without(
          "webhook-unreachable: cert-manager's webhook",
          "cert-manager-webhook",
          "cert-manager",
        ),
        "an Envoy Gateway without pods": without(
          "controller-down: Deployment envoy-gateway-system/envoy-gateway",
          "envoy-gateway",
          "envoy-gateway-system",
        ),
        "CRDs that are older than Envoy Gateway needs": crd("crds-too-old", "bundle-version", ["v1.2.1", "v1.6.3"]),
        "CRDs of two channels": crd("crds-mixed-channels", "channel", ["experimental", "standard"]),
        "a Helm release that was interrupted": {
          found: "helm-interrupted: Helm release envoy-gateway-system/eg",
          breaks: () => revision("pending-upgrade"),
          mends: () => revision("deployed"),
        },
        "a clock that is ahead": {
          found: "clock-skew: clocks of the cluster",
          // The Lease of a node that is gone by now, since a node that is there writes its own time in at most ten seconds.
          breaks: () =>
            apply({
              apiVersion: "coordination.k8s.io/v1",
              kind: "Lease",
              metadata: { name: "node-3", namespace: "kube-node-lease" },
              spec: { holderIdentity: "node-3", renewTime: "2099-01-01T00:00:00.000000Z" },
            }),
          mends: () => kubectl("delete", "lease", "node-3", "-n", "kube-node-lease"),
        },
      }));

    describe("of the token", () => {
      let kept = "";
      const write = (data: object) =>
        kubectl("patch", "secret", "cloudflare-api-token", "-n", "cert-manager", ...patched({ data }));
      const [{ id: zoneId = "" } = {}] = zones.filter(({ name }) => name === "example.com");
      let mintedId: string | undefined;
      const inSecret = (found: string, value: string | (() => Promise<string>)): Break => ({
        found: `${found}: ${token}`,
        breaks: async () => {
          const text = typeof value === "string" ? value : await value();
          await write({ "api-token": Buffer.from(text).toString("base64") });
        },
        mends: async () => {
          await write({ "api-token": kept });
          if (mintedId) await asToken(tokens.deploy, "DELETE", `user/tokens/${mintedId}`);
          mintedId = undefined;
        },
      });
      /** A token of the user for the zone, which may then be changed. */
      const minted =
        (permissions: string[], fields: object = {}, then?: object) =>
        async () => {
          const groups = await asToken(tokens.deploy, "GET", "user/tokens/permission_groups");
          const permission_groups = (groups.result as { id: string; name: string }[])
            .filter(({ name }) => permissions.includes(name))
            .map(({ id }) => ({ id }));
          const resources = { [`com.cloudflare.api.account.zone.${zoneId}`]: "*" };
          const body = {
            name: "of the doctor's tests",
            policies: [{ effect: "allow", permission_groups, resources }],
            ...fields,
          };
          const { result, errors } = await asToken(tokens.deploy, "POST", "user/tokens", body);
          assert.deepEqual(errors, []);
          const { id, value } = result as { id: string; value: string };
          mintedId = id;
          if (then) await asToken(tokens.deploy, "PUT", `user/tokens/${id}`, { ...body, ...then });
          return value;
        };
      const all = ["DNS Write", "Zone Read"];
      const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z/, "Z");
      let secret: object;
      before(async () => {
        const { kind, metadata, data } = await get("secret", "cloudflare-api-token", "cert-manager");
        const { name, namespace, labels, annotations } = metadata;
        secret = { apiVersion: "v1", kind, metadata: { name, namespace, labels, annotations }, data };
        kept = data?.["api-token"] ?? "";
      });
      cases({
        "another key in its Secret": {
          found: `token-secret-key: ${token}`,
          breaks: () => write({ "api-token": null, token: Buffer.from(tokens.dnsOnly).toString("base64") }),
          mends: () => write({ "api-token": kept, token: null }),
        },
        "a line break at its end": inSecret("token-whitespace", `${tokens.deploy}\n`),
        "no Secret at all": {
          found: `token-secret-missing: ${token}`,
          breaks: () => kubectl("delete", "secret", "cloudflare-api-token", "-n", "cert-manager"),
          // Applied, it would stand in an annotation of itself, which a refresh takes into the state.
          mends: () => output(["kubectl", "create", "-f", "-"], { input: [JSON.stringify(secret)] }),
        },
        "an empty key": inSecret("token-empty", ""),
        "a Global API Key in its place": inSecret("token-is-api-key", "0123456789abcdef0123456789abcdef01234"),
        "one without Zone Read": inSecret("token-zone-read", minted(["DNS Write"])),
        "one for another zone": inSecret("token-other-zone", tokens.otherZone),
        "one that was revoked": inSecret("token-refused", "a-token-that-nobody-knows-any-more-00000"),
        "one that was disabled": inSecret("token-disabled", minted(all, {}, { status: "disabled" })),
        "one that has ended": inSecret("token-expired", minted(all, { expires_on: inDays(3 / 86_400) })),
        "one that is good from other addresses": inSecret(
          "token-location",
          minted(all, { condition: { request_ip: { in: ["192.0.2.0/24"] } } }),
        ),
        "a Cloudflare that is out of order": failure(`cloudflare-silent: ${token}`, controlUrl, [{ status: 503 }]),
        "one that ends soon": inSecret("token-ends-soon", minted(all, { expires_on: inDays(3) })),
      });
    });

    describe("of the zone", () => {
      const zoneFile = join(dns.zones, "example.com.zone");
      cases({
        "CAA records that let another CA issue alone": record(`caa-forbids: ${zone}`, {
          type: "CAA",
          name: domain,
          data: { flags: 0, tag: "issue", value: "digicert.com" },
        }),
        "an alias of the challenge's name": record(`challenge-cname: ${zone}`, {
          type: "CNAME",
          name: `_acme-challenge.${domain}`,
          content: "elsewhere.example.org",
        }),
        "a record of an earlier challenge": record(`challenge-record-stale: ${zone}`, {
          type: "TXT",
          name: `_acme-challenge.${domain}`,
          content: "of-an-earlier-challenge",
        }),
        "a zone that no name server knows": {
          found: `zone-unknown: ${zone}`,
          breaks: () => rename(zoneFile, `${zoneFile}.away`),
          mends: () => rename(`${zoneFile}.away`, zoneFile),
        },
        "a zone that Cloudflare does not serve yet": failure(`zone-inactive: ${zone}`, controlUrl, [
          { path: "/zones$", set: { status: "pending" } },
        ]),
        "other name servers than the internet asks": failure(`zone-not-delegated: ${zone}`, controlUrl, [
          { path: "/zones$", set: { name_servers: ["cora.ns.cloudflare.com", "dan.ns.cloudflare.com"] } },
        ]),
      });
    });

    describe("of the issuer", () => {
      const issuer = "letsencrypt-staging";
      const anew = () => registerAnew(issuer);
      const registered = (found: string, fault: object): Break =>
        failure(
          `${found}: ClusterIssuer ${issuer}`,
          acmeControlUrl,
          [{ method: "POST", path: "^/sign-me-up$", ...fault }],
          { breaks: anew, mends: anew },
        );
      cases({
        "an account that the CA refuses": registered("account-refused", {
          status: 400,
          type: "invalidContact",
          detail: 'contact email has forbidden domain "example.net"',
        }),
        "too many registrations": registered("rate-limit-registrations", {
          status: 429,
          type: "rateLimited",
          detail: "too many new registrations (10) from this IP address in the last 3h0m0s",
        }),
        "a CA that is out of order": registered("acme-unreachable", {
          status: 503,
          detail: "Service busy; retry later.",
        }),
      });
    });

    describe("of the Gateway", () =>
      cases({
        // First, since an update that was taken a moment before would hide it.
        "a group of the key exchange that Envoy does not know": change(
          "configuration-rejected: Deployment envoy-gateway-system/envoy-envoy-gateway-eg-",
          traffic,
          groups(["X25519", "P-257"]),
          groups(ecdhCurves),
        ),
        "a listener whose Secret is not there": change(
          "listener-without-certificate: listener https of Gateway envoy-gateway/eg",
          ["gateway", "eg", "envoy-gateway"],
          secretOfListener("gone"),
          secretOfListener("wildcard-staging-example-com-tls"),
        ),
        "proxies without pods": without(
          "proxies-down: Deployment envoy-gateway-system/envoy-envoy-gateway-eg-",
          made("deployments"),
          "envoy-gateway-system",
        ),
        "a load balancer that gives no address": annotated(
          "no-address: Gateway envoy-gateway/eg",
          "lab.https-edge/report",
          "nothing",
        ),
        "a load balancer that sends PROXY protocol to proxies that take none": annotated(
          "proxy-header-not-taken: Service",
          "service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1",
          "true",
        ),
        "proxies that insist on a PROXY header that nobody sends": change(
          "proxy-header-not-sent: Service",
          traffic,
          proxyProtocol({}),
          proxyProtocol(null),
        ),
        "proxies that take a PROXY header of anybody": change(
          "proxy-header-forgeable: Service",
          traffic,
          proxyProtocol({ optional: true }),
          proxyProtocol(null),
        ),
        "hops that are trusted though none are there": change(
          `trusted-hops-forgeable: ${policy}`,
          traffic,
          detection({ xForwardedFor: { numTrustedHops: 1 } }),
          detection(null),
        ),
      }));

    describe("of the routes", () => {
      const attach = "https-edge/eg";
      const label = (value: string) => kubectl("label", "namespace", "whoami", "--overwrite", value);
      cases({
        "a namespace without the listener's label": {
          found: `namespace-not-labelled: ${whoami}`,
          breaks: () => label(`${attach}-`),
          mends: () => label(`${attach}=attach`),
        },
        "a listener that the Gateway has not got": change(
          `route-names-no-listener: ${whoami}`,
          route,
          section("web"),
          section("https"),
        ),
        "one that names no listener, where the redirect's admits it": change(
          "route-without-section: HTTPRoute envoy-gateway/landing-unclaimed",
          ["httproute", "landing-unclaimed", "envoy-gateway"],
          patched([{ op: "remove", path: "/spec/parentRefs/0/sectionName" }], "json"),
          patched([{ op: "add", path: "/spec/parentRefs/0/sectionName", value: "https" }], "json"),
        ),
        "a Service that is not there": change(`backend-missing: ${whoami}`, route, backend("gone"), backend("whoami")),
        "a Service without pods": without(`backend-without-pods: ${whoami}`, "whoami", "whoami"),
        // In the one namespace whose routes the edge's own policies do not judge.
        "a host two labels below the domain": change(
          "host-not-in-certificate: HTTPRoute envoy-gateway/landing-unclaimed",
          ["httproute", "landing-unclaimed", "envoy-gateway"],
          hostnames([`*.${domain}`, `a.${host}`]),
          hostnames([`*.${domain}`]),
        ),
        "two routes for one host": {
          found: "host-claimed-twice: HTTPRoute whoami/whoami-again",
          breaks: async () => {
            const { spec } = await get("httproute", "whoami", "whoami");
            const metadata = { name: "whoami-again", namespace: "whoami" };
            await apply({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec });
          },
          mends: () => kubectl("delete", "httproute", "whoami-again", "-n", "whoami"),
        },
      });
    });

    describe("of a host's record", () => {
      const address = "127.0.0.66";
      /** Of Cloudflare's ranges. */
      const proxied = "173.245.48.10";
      let servers: Server[];
      before(async () => {
        const [key, cert] = ["key", "cert"].map((name) => join(runDirectory, `loop-${name}.pem`)) as [string, string];
        const subject = ["-subj", "/CN=loop", "-addext", `subjectAltName=DNS:${host}`, "-keyout", key, "-out", cert];
        await output(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1", ...subject]);
        const identity = { key: readFileSync(key), cert: readFileSync(cert) };
        await output(["ip", "address", "replace", `${proxied}/32`, "dev", "lo"]);
        servers = await Promise.all([
          // As Cloudflare in its mode Flexible: it passes on the redirect that it gets over HTTP.
          listening(address, identity, ({ headers, url }, response) =>
            response.writeHead(301, { location: `https://${headers.host}${url}` }).end(),
          ),
          listening(proxied, identity, (_, response) => response.end("passed on")),
        ]);
      });
      after(async () => {
        for (const server of servers) server.close();
        await output(["ip", "address", "del", `${proxied}/32`, "dev", "lo"]);
      });
      cases({
        "one that leads elsewhere": record(`record-elsewhere: ${host}`, {
          type: "A",
          name: host,
          content: "127.0.0.67",
        }),
        "a proxy before the edge that redirects in a circle": record(`redirect-loop: ${host}`, {
          type: "A",
          name: host,
          content: address,
        }),
        "Cloudflare's proxies before an edge that does not believe them": record(`trusted-hops-missing: ${policy}`, {
          type: "A",
          name: host,
          content: proxied,
        }),
      });
    });
  });
});
