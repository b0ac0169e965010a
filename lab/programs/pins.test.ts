import assert from "node:assert/strict";
import { versionSets } from "../../components/rules/versions";
import { pinnedVersion } from "./goModule";

describe("Pins", () => {
  for (const [name, prefix] of [
    ["current", ""],
    ["guide", "guide-"],
  ] as const) {
    const { certManager, envoyGateway, gatewayApi } = versionSets[name];
    for (const [program, module, version] of [
      ["cert-manager", "github.com/cert-manager/cert-manager", certManager],
      ["envoy-gateway", "github.com/envoyproxy/gateway", envoyGateway],
      ["envoy-gateway", "sigs.k8s.io/gateway-api", gatewayApi],
    ] as const) {
      it(`build the ${module} that the set ${name} installs`, async () =>
        assert.equal(await pinnedVersion(`${prefix}${program}`, module), `v${version}`));
    }
  }
});
