import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { gatewayApiFile, proxyImage, versionSets } from "../../../components/rules/versions";
import { ask, type Load, network, startLoads, until } from "../../../lab";
import { get, list } from "../support/cluster";
import { domain, serving } from "../support/edge";
import { preview, Stack, shortWait, upAlone } from "../support/stack";

const { current, guide } = versionSets;
const host = `whoami.${domain}`;

/** The images that run in a namespace, without their digests. */
const images = async (namespace: string): Promise<string[]> => {
  const pods = (await list("pods")).filter(({ metadata }) => metadata.namespace === namespace);
  const running = pods.flatMap(({ spec }) => (spec as { containers: { image: string }[] }).containers);
  return [...new Set(running.map(({ image }) => image.split("@")[0] ?? ""))].sort();
};

const controllers = (version: string): string[] =>
  ["cainjector", "controller", "webhook"].map((each) => `quay.io/jetstack/cert-manager-${each}:v${version}`);

const bundles = async (): Promise<(string | undefined)[]> => {
  const crds = (await list("crds")).filter(({ metadata }) => metadata.name.endsWith(".gateway.networking.k8s.io"));
  return crds.map(({ metadata }) => metadata.annotations?.["gateway.networking.k8s.io/bundle-version"]);
};

const runs = async (versions: typeof current): Promise<void> => {
  const gateway = `docker.io/envoyproxy/gateway:v${versions.envoyGateway}`;
  const proxy = proxyImage(versions)?.split("@")[0] ?? "";
  const wanted = [...controllers(versions.certManager), proxy, gateway].sort().join();
  // A pod that ends is there for a while: proxies drain.
  await until(wanted, async () => {
    const found = await Promise.all(["cert-manager", "envoy-gateway-system"].map(images));
    return found.flat().sort().join() === wanted;
  });
  const { plurals } = gatewayApiFile(versions);
  assert.deepEqual(
    await bundles(),
    plurals.map(() => `v${versions.gatewayApi}`),
  );
};

describe("An edge of the guide's versions", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "upgraded");
    stack.set(...shortWait);
    stack.set("https-edge:versions.set", "guide");
    await stack.up();
    await serving();
  });
  after(() => stack.destroy());

  const isWell = async () => {
    await stack.succeed("preview", "--expect-no-changes", "--refresh");
    for (const command of ["verify", "doctor"]) {
      const { code, output: said } = await stack.operation(command);
      assert.equal(code, 0, said);
    }
  };

  it("runs what its set names", () => runs(guide));

  it("serves by HTTP/2 and HTTP/1.1, and tells the client's address", async () => {
    for (const protocol of ["h2", "http/1.1"]) {
      const { status, body } = await ask(host, { protocols: [protocol] });
      assert.equal(status, 200);
      assert.match(body, new RegExp(`^X-Forwarded-For: ${network.front}\\s*$`, "m"));
    }
  });

  it("has nothing left to do, and nothing wrong", isWell);

  describe("that goes on to the current ones", () => {
    let loads: [string, Load][];
    let serial: string;
    before(async () => {
      const accept = ({ status }: { status: number }) => status === 200;
      serial = (await ask(host)).certificate.serial;
      loads = Object.entries(startLoads(host, { every: 100, accept }));
      stack.set("https-edge:versions.set", "current");
      await stack.up();
      await runs(current);
    });
    after(async () => {
      await Promise.all(loads.map(([, { stop }]) => stop()));
    });

    it("loses no request on any connection, and shows the same certificate", async () => {
      const before = loads.map(([, { outcome }]) => outcome.requests);
      await until("requests to the new proxies", async () =>
        loads.every(([, { outcome }], at) => outcome.requests > (before[at] ?? 0) + 20),
      );
      assert.deepEqual(
        loads.flatMap(([kind, { outcome }]) => outcome.failures.map((each) => `${kind} ${each}`)),
        [],
      );
      assert.equal((await ask(host)).certificate.serial, serial);
    });

    it("runs then what the current set names, and no pod of the former", () => runs(current));

    it("has nothing left to do, and nothing wrong", isWell);

    it("has its certificate renewed by the new cert-manager, with the account that the former registered", async () => {
      const { code, output: said } = await stack.operation("renew", "--yes");
      assert.equal(code, 0, said);
      await until("the new certificate", async () => (await ask(host)).certificate.serial !== serial);
    });

    it("cannot go back: preview and up say so before anything is touched", async () => {
      const { metadata } = await get("gateway", "eg", "envoy-gateway");
      stack.set("https-edge:versions.set", "guide");
      const older = /CRD \S+ must be no newer than v1\.2\.1, got v1\.6\.3, standard/;
      await stack.refuses(older, preview, upAlone);
      stack.set("https-edge:versions.set", "current");
      assert.equal((await get("gateway", "eg", "envoy-gateway")).metadata.resourceVersion, metadata.resourceVersion);
    });
  });
});
