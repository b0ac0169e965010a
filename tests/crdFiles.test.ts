import assert from "node:assert/strict";
import { Crds, type CrdsArgs, checkManifests } from "../components/crds";
import { Preflight } from "../components/resources/preflight";
import { envoyGatewayFile, gatewayApiFile, type VersionSet, versionSets } from "../components/rules/versions";
import { crd, crdFiles, envoyGatewayManifests, gatewayApiManifests, written, yaml } from "./support/crdFiles";
import { type Deployment, deploy, types } from "./support/deploy";
import { setProxies } from "./support/proxies";

const { current } = versionSets;
const policy = "safe-upgrades.gateway.networking.k8s.io";
const run = (args: CrdsArgs, versions: VersionSet = current): Promise<Deployment> =>
  deploy(() => new Crds("crds", { ...args, versions, preflight: new Preflight() }, {}));

describe("CRD files of a release", () => {
  const { fetch } = globalThis;
  let asked: string[] = [];
  let answer = (_location: string): Response => new Response("", { status: 404, statusText: "Not Found" });
  let restore: () => void;
  beforeEach(() => {
    asked = [];
    restore = setProxies();
    globalThis.fetch = async (location) => {
      asked.push(String(location));
      return answer(String(location));
    };
  });
  afterEach(() => {
    globalThis.fetch = fetch;
    restore();
  });

  for (const [name, versions] of Object.entries(versionSets)) {
    it(`are read from the release when no mirror is set: ${name}`, async () => {
      const envoyGateway = envoyGatewayFile(versions).locations;
      answer = (location) => {
        const at = envoyGateway.indexOf(location);
        if (at < 0) return new Response(yaml(gatewayApiManifests(versions)));
        const manifests = envoyGatewayManifests(versions);
        return new Response(yaml(envoyGateway.length === 1 ? manifests : manifests.slice(at, at + 1)));
      };
      const deployment = await run({}, versions);
      assert.deepEqual(asked, [...gatewayApiFile(versions).locations, ...envoyGateway]);
      assert.equal(
        deployment.resources.filter(({ type }) => type === types.crd).length,
        gatewayApiFile(versions).plurals.length + envoyGatewayFile(versions).plurals.length,
      );
    });
  }

  it("rejects an address that answers with an error", async () => {
    answer = () => new Response("", { status: 404, statusText: "Not Found" });
    await assert.rejects(run({ ...crdFiles(current), gatewayApi: "https://mirror.example/crds.yaml" }), {
      message:
        "crds.gatewayApi must be readable, got https://mirror.example/crds.yaml: 404 Not Found (check network access, or set crds.gatewayApi to a mirror or a local copy)",
    });
  });
});

describe("A CRD file", () => {
  const file = { locations: [], group: "g.example", plurals: ["as", "bs"] };
  const channel = (name: string) => ({ "g.example/channel": name, "g.example/bundle-version": "v1.0.0" });
  const [a, b] = [crd("g.example", "as", channel("standard")), crd("g.example", "bs", channel("standard"))];

  it("accepts what the version publishes", () => {
    assert.equal(checkManifests([a, b], file, "1.0.0"), undefined);
    assert.equal(checkManifests([crd("g.example", "as"), crd("g.example", "bs")], file), undefined);
  });

  for (const [what, manifests, fault] of [
    ["nothing", [], "must hold the CRDs of g.example, got none for as, bs (take the file of the pinned version)"],
    ["half", [a], "must hold the CRDs of g.example, got none for bs (take the file of the pinned version)"],
    [
      "more",
      [a, b, crd("g.example", "cs")],
      "must hold no other CRDs, got cs.g.example (take the standard channel's file)",
    ],
    [
      "another channel",
      [a, crd("g.example", "bs", channel("experimental"))],
      'must be of the standard channel, got "experimental" on bs.g.example',
    ],
  ] as const) {
    it(`rejects ${what}`, () => assert.equal(checkManifests([...manifests], file, "1.0.0"), fault));
  }

  it("rejects another version", () =>
    assert.equal(checkManifests([a, b], file, "1.1.0"), 'must be of version v1.1.0, got "v1.0.0" on as.g.example'));

  it("rejects what is not YAML, naming the setting", () =>
    assert.rejects(run({ ...crdFiles(current), envoyGateway: written("a: [") }), {
      message: /^crds\.envoyGateway must be YAML, got /,
    }));

  it("rejects a wrong file, naming the setting", () =>
    assert.rejects(run({ ...crdFiles(current), gatewayApi: crdFiles(current).envoyGateway }), {
      message:
        /^crds\.gatewayApi must hold the CRDs of gateway\.networking\.k8s\.io, got none for backendtlspolicies, /,
    }));

  it("rejects a file without the policy", () => {
    const crds = gatewayApiManifests(current).slice(0, -2);
    return assert.rejects(run({ ...crdFiles(current), gatewayApi: written(yaml(crds)) }), {
      message: `crds.gatewayApi must hold ValidatingAdmissionPolicy ${policy} (take the file of the pinned version)`,
    });
  });

  it("rejects a file that is not there", () =>
    assert.rejects(run({ ...crdFiles(current), gatewayApi: "no-such-file.yaml" }), {
      message: /^crds\.gatewayApi must be readable, got no-such-file\.yaml: ENOENT: no such file or directory/,
    }));
});
