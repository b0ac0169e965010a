import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { type Load, output, processesNamed, proxyPods, startLoads, until } from "../../../lab";
import { requestsFromNow, state, withFaults } from "../support/cloudflare";
import { apply, certificate, get, holds, list, remove } from "../support/cluster";
import { domain, edgeToChange } from "../support/edge";
import { acmeFaults, withAcmeFaults } from "../support/letsencrypt";
import { type Stack, shortWait } from "../support/stack";

/** What has a replacement at once, and what carries no request. */
const killed = [
  ["cert-manager", "cert-manager", "app.kubernetes.io/component=controller"],
  ["cert-manager's webhook", "cert-manager", "app.kubernetes.io/component=webhook"],
  ["cert-manager's cainjector", "cert-manager", "app.kubernetes.io/component=cainjector"],
  ["Envoy Gateway", "envoy-gateway-system", "control-plane=envoy-gateway"],
  ["CoreDNS", "kube-system", "k8s-app=kube-dns"],
] as const;

describe("Faults at a steady load", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  let loads: [string, Load][];
  before(async () => {
    ({ stack, restore } = await edgeToChange());
    stack.set(...shortWait);
    await stack.up();
    const accept = ({ status }: { status: number }) => status === 200;
    loads = Object.entries(startLoads(`whoami.${domain}`, { every: 100, accept }));
  });
  after(async () => {
    await Promise.all(loads.map(([, { stop }]) => stop()));
    await restore();
  });

  const failures = (): string[] =>
    loads.flatMap(([kind, { outcome }]) => outcome.failures.map((each) => `${kind} ${each}`));

  /** Waits for so many good answers more to each client. */
  const answered = async (times: number): Promise<void> => {
    const good = () => loads.map(([, { outcome }]) => outcome.requests - outcome.failures.length);
    const before = good();
    await until("answers to each client", async () =>
      good().every((each, index) => each > (before[index] ?? 0) + times),
    );
  };

  const pods = async (namespace: string, labels: string) =>
    JSON.parse(await output(["kubectl", "get", "pods", "-n", namespace, "-l", labels, "-o", "json"])).items as {
      metadata: { name: string; deletionTimestamp?: string };
      status: { conditions?: { type: string; status: string }[] };
    }[];
  const ready = async (namespace: string, labels: string): Promise<string[]> =>
    (await pods(namespace, labels))
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .filter(({ status }) => status.conditions?.some((each) => each.type === "Ready" && each.status === "True"))
      .map(({ metadata }) => metadata.name);

  for (const [what, namespace, labels] of killed) {
    it(`no request fails when every pod of ${what} is killed`, async () => {
      const before = await ready(namespace, labels);
      assert.ok(before.length > 0);
      await output(["kubectl", "delete", "pods", "-n", namespace, "-l", labels, "--force", "--grace-period=0"]);
      await until("others in their place", async () => {
        const now = await ready(namespace, labels);
        return now.length >= before.length && !now.some((name) => before.includes(name));
      });
      await answered(5);
      assert.deepEqual(failures(), []);
    });
  }

  for (const program of ["kube-apiserver", "etcd", "kube-controller-manager"]) {
    it(`no request fails while ${program} stands still, nor afterwards`, async () => {
      const [pid, ...others] = processesNamed(program);
      assert.ok(pid && others.length === 0, `${others.length} others`);
      process.kill(pid, "SIGSTOP");
      try {
        // As long as a few heartbeats, and shorter than a node may be silent.
        await answered(80);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await until("the API server", async () => (await output(["kubectl", "get", "--raw", "/readyz"])) === "ok");
      await answered(5);
      assert.deepEqual(failures(), []);
    });
  }

  /** Has a certificate issued, meanwhile, for a name that the CA has not seen: it takes some authorizations again, and asks for no challenge then. */
  const issued = async (name: string): Promise<void> => {
    const metadata = { name, namespace: "default" };
    await apply(certificate(metadata, [`${name}-${Date.now()}.${domain}`]));
    const ready = async () => holds(await get("certificate", name, metadata.namespace), "Ready");
    await until("the certificate", ready, { seconds: 300 });
    await remove("certificate", name, metadata.namespace);
  };

  it("a certificate comes through what Cloudflare refuses, drops, delays and answers with a page in between", async () => {
    const asked = requestsFromNow();
    await withFaults(
      [
        { method: "GET", path: "/zones$", status: 429, retryAfter: 1, times: 1 },
        { method: "POST", path: "/dns_records$", status: 500, times: 1 },
        { method: "GET", path: "/dns_records$", drop: true, times: 1 },
        { method: "DELETE", path: "/dns_records/", delay: 3_000, page: true, times: 1 },
      ],
      () => issued("cloudflare-fails"),
    );
    const requests = await asked();
    const answers = requests.map(({ status }) => status);
    for (const each of [429, 500, undefined]) assert.ok(answers.includes(each), `${each} in ${answers}`);
    assert.deepEqual(failures(), []);
  });

  it("a certificate comes through what Let's Encrypt refuses, drops and delays in between", async () => {
    await withAcmeFaults(
      [
        {
          method: "POST",
          path: "^/order-plz$",
          status: 503,
          detail: "Service busy; retry later.",
          retryAfter: 1,
          times: 1,
        },
        {
          method: "POST",
          path: "^/authZ/",
          status: 400,
          type: "badNonce",
          detail: "JWS has an invalid anti-replay nonce",
          times: 1,
        },
        { method: "POST", path: "^/chalZ/", drop: true, times: 1 },
        { method: "POST", path: "^/finalize-order/", status: 500, times: 1 },
        { method: "POST", path: "^/certZ/", delay: 3_000, times: 1 },
      ],
      async () => {
        await issued("letsencrypt-fails");
        assert.deepEqual(await acmeFaults(), []);
      },
    );
    assert.deepEqual(failures(), []);
  });

  it("an order that expires ends a renewal in the CA's words, and the next one comes through", async () => {
    const expired = { status: 404, type: "malformed", detail: "Order 1 is expired" };
    await withAcmeFaults([{ method: "POST", path: "^/finalize-order/", ...expired }], async () => {
      const { code, output: said } = await stack.operation("renew", "--yes");
      assert.notEqual(code, 0);
      assert.match(said, /must be issued, got order .*: .*Order 1 is expired/);
    });
    const { code, output: said } = await stack.operation("renew", "--yes");
    assert.equal(code, 0, said);
    assert.deepEqual(failures(), []);
  });

  const limit = { path: "^/order-plz$", status: 429, type: "rateLimited" };
  const forbidden = { path: "^/finalize-order/", status: 403, type: "caa" };
  for (const [symptom, refusal, detail] of [
    [
      "rate-limit-exact-set",
      limit,
      "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s",
    ],
    ["rate-limit-domain", limit, `too many certificates (50) already issued for "example.com" in the last 168h0m0s`],
    ["rate-limit-failures", limit, `too many failed authorizations (5) for "${domain}" in the last 1h0m0s`],
    ["rate-limit-orders", limit, "too many new orders (300) from this account in the last 3h0m0s"],
    ["caa-refused", forbidden, `CAA record for ${domain} prevents issuance`],
  ] as const)
    it(`a renewal that meets ${symptom} leaves what serves, and the doctor and verify name it`, async () => {
      await withAcmeFaults([{ method: "POST", ...refusal, detail }], async () => {
        const { code, output: said } = await stack.operation("renew", "--yes");
        assert.notEqual(code, 0);
        assert.ok(said.includes(detail), said);
      });
      const { stdout } = await stack.operation("doctor", "--json");
      const { edges }: { edges: { findings: { symptom: string; found: string }[] }[] } = JSON.parse(stdout);
      const found = edges.flatMap(({ findings }) => findings);
      assert.deepEqual(
        found.map((each) => each.symptom),
        [symptom],
      );
      assert.ok(found[0]?.found.includes(detail), found[0]?.found);
      const { output: verified } = await stack.operation("verify");
      assert.ok(verified.includes(`the renewal failed: order errored: `) && verified.includes(detail), verified);
      assert.deepEqual(failures(), []);
    });

  it("and is renewed once the CA issues again, with which the doctor is content", async () => {
    for (const args of [["renew", "--yes"], ["doctor"]]) {
      const { code, output: said } = await stack.operation(...args);
      assert.equal(code, 0, said);
    }
  });

  it("a proxy that is killed takes the requests along that it had, and no other", async () => {
    const before = await proxyPods();
    assert.equal(before.length, 2);
    const name = before[0]?.metadata.name ?? "";
    await output(["kubectl", "delete", "pod", "-n", "envoy-gateway-system", name, "--force", "--grace-period=0"]);
    await until("another in its place", async () => {
      const now = await ready("envoy-gateway-system", "gateway.envoyproxy.io/owning-gateway-name=eg");
      return now.length === 2 && !now.includes(name);
    });
    await answered(20);
    const lost = failures().length;
    await answered(20);
    assert.equal(failures().length, lost, failures().join("\n"));
  });

  it("and afterwards nothing is lost, nothing is left over, and nothing is to be done", async () => {
    assert.deepEqual(
      (await state()).records.filter(({ type }) => type === "TXT"),
      [],
    );
    // cert-manager keeps the challenges of an order that failed, and does nothing for them.
    const open = (await list("challenges.acme.cert-manager.io")).filter(
      ({ status }) => status?.processing || status?.presented,
    );
    assert.deepEqual(open, []);
    await stack.succeed("preview", "--expect-no-changes", "--refresh");
    const { code, output: said } = await stack.operation("verify");
    assert.ok(code === 0, said);
  });
});
