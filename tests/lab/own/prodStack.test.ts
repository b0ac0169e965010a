import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { envoyGatewayFile, gatewayApiFile, proxyImage, versionSets } from "../../../components/rules/versions";
import {
  accountId,
  accounts,
  ask,
  inMirror,
  mirror,
  output,
  rootOf,
  runDirectory,
  startLoad,
  tokens,
  until,
  zones,
} from "../../../lab";
import { addAnotherCluster, uid as anotherUid } from "../support/anotherCluster";
import { mintedTokens, state } from "../support/cloudflare";
import { get, list, names, tokenInSecret } from "../support/cluster";
import { withoutNames } from "../support/outside";
import { preview, Stack, shortWait, upAlone } from "../support/stack";

const [, { id: annex } = { id: "" }] = accounts;
const roots = () => [rootOf("production")];
const resource = (name: string): string =>
  `com.cloudflare.api.account.zone.${zones.find((zone) => zone.name === name)?.id}`;

describe("The edge put up by pulumi up -s prod", () => {
  let stack: Stack;
  /** The same stack, deployed by a credential that may only edit the DNS of example.com. */
  let limited: Stack;
  before(async () => {
    stack = await Stack.create("prod", "prod");
    limited = stack.with({ CLOUDFLARE_API_TOKEN: tokens.dnsOnly });
    stack.set(...shortWait);
    stack.set("https-edge:acme.rehearsal", "true");
    await stack.up();
    stack.set("https-edge:acme.rehearsal", "false");
    stack.leaveCrds();
    await stack.up();
  });
  after(() => stack.destroy());

  for (const host of ["example.com", "whoami.example.com", "nobody-claimed-this.example.com"]) {
    it(`shows ${host} a certificate that leads to Let's Encrypt's production root`, async () => {
      const { certificate } = await until("the answer", () => ask(host, { roots: roots() }));
      assert.deepEqual(certificate.names.sort(), ["*.example.com", "example.com"]);
    });
  }

  it("was rehearsed at the staging CA before production was asked, and leaves that certificate once nobody wants it", async () => {
    const asked = (await list("certificaterequests"))
      .filter(({ spec = {} }) => (spec.issuerRef as { name: string }).name === "letsencrypt-prod")
      .map(({ metadata }) => Date.parse(metadata.creationTimestamp));
    const { data } = await get("secret", "rehearse-example-com-tls", "envoy-gateway");
    const { validFrom } = new X509Certificate(Buffer.from(data?.["tls.crt"] ?? "", "base64"));
    assert.ok(Date.parse(validFrom) <= Math.min(...asked), `${validFrom} and ${asked}`);
    assert.deepEqual(await names("certificates"), ["wildcard-example-com"]);
  });

  let gateway: string;
  let minted: string[];
  const identity = async (): Promise<string> => (await get("gateway", "eg", "envoy-gateway")).metadata.uid;
  const tokenIds = async (): Promise<string[]> => (await mintedTokens()).map(({ id }) => id);
  before(async () => {
    [gateway, minted] = await Promise.all([identity(), tokenIds()]);
  });

  /** The same edge serves, by the same objects. Others beside it may have tokens, too. */
  const isUntouched = async ({ others = 0 } = {}): Promise<void> => {
    assert.equal(await identity(), gateway);
    const ids = await tokenIds();
    assert.deepEqual(
      ids.filter((id) => minted.includes(id)),
      minted,
    );
    assert.equal(ids.length, minted.length + others);
    assert.equal((await ask("whoami.example.com", { roots: roots() })).status, 200);
  };

  it("is refused more new domains of a zone than Let's Encrypt issues for in a week", async () => {
    const restore = stack.keepSettings();
    const domains = Array.from({ length: 51 }, (_, at) => ({ name: `d${at}.example.com`, zone: "example.com" }));
    stack.setBlocks({ domains: [{ name: "example.com" }, ...domains] });
    const says =
      /acme\.environment must not be production for more than 50 new domains at once, got 51 new certificates below example\.com, beside 1 in seven days/;
    await stack.refuses(says, preview, upAlone);
    await restore();
    await isUntouched();
  });

  describe("where something else is to be put in its place", () => {
    it("is refused to the staging stack, whose destroy touches nothing", async () => {
      const staging = await Stack.create("staging", "besideProd");
      const says = /Namespace cert-manager must be absent .* stack organization\.https-edge\.prod\.edge/;
      await staging.refuses(says, preview, upAlone);
      await staging.destroy();
      await isUntouched();
    });

    it("is refused to the component under another name", async () => {
      const program = join(stack.directory, "index.ts");
      const text = readFileSync(program, "utf8");
      writeFileSync(program, text.replace('new HttpsEdge("edge"', 'new HttpsEdge("front"'));
      try {
        const says =
          /got one of stack organization\.https-edge\.prod\.edge \(this is organization\.https-edge\.prod\.front/;
        await stack.refuses(says, preview, upAlone);
      } finally {
        writeFileSync(program, text);
      }
      // The refused up has left its own component in the state, and nothing anywhere else.
      await stack.up();
      await isUntouched();
    });

    it("is not another's when its stack is renamed: up finds nothing to do", async () => {
      await stack.succeed("stack", "rename", "live");
      const renamed = stack.renamed("live");
      try {
        await renamed.succeed(...upAlone, "--expect-no-changes");
      } finally {
        await renamed.succeed("stack", "rename", stack.name);
      }
      await isUntouched();
    });

    it("is not moved when the kubeconfig's current context has become another cluster", async () => {
      const here = (await get("namespace", "kube-system")).metadata.uid;
      const kubeconfig = join(runDirectory, "contexts.kubeconfig");
      writeFileSync(kubeconfig, await output(["kubectl", "config", "view", "--raw"]), { mode: 0o600 });
      const removeAnotherCluster = await addAnotherCluster(kubeconfig);
      try {
        const elsewhere = stack.with({ KUBECONFIG: kubeconfig });
        const says = new RegExp(
          `the cluster must be the one of this stack's last up, kube-system ${here}, got ${anotherUid}, which is another at http`,
        );
        await elsewhere.refuses(says, preview, upAlone, ["preview", "--refresh"], ["up", "--yes", "--refresh"]);
      } finally {
        await removeAnotherCluster();
      }
      await isUntouched();
    });
  });

  describe("with a rehearsal beside it that uses its controllers", () => {
    let rehearsal: Stack;
    const rehearsed = "whoami.staging.example.com";
    /** Runs while whoami is asked; not one request fails. */
    const unharmed = async (change: () => Promise<unknown>): Promise<void> => {
      const load = startLoad("whoami.example.com", { roots: roots() });
      await change();
      const { requests, failures } = await load.stop();
      assert.deepEqual(failures, []);
      assert.ok(requests > 20, `${requests} requests`);
    };
    before(async () => {
      rehearsal = await Stack.create("staging", "rehearsal");
      rehearsal.set(...shortWait);
      await rehearsal.succeed("config", "set", "https-edge:name", "rehearsal");
    });
    after(() => rehearsal.destroy());

    it("is told what it must use, and makes nothing before", async () => {
      const says = /Namespace cert-manager must be absent .* A further edge in one cluster needs a name of its own/;
      await rehearsal.refuses(says, preview, upAlone);
    });

    it("is put up without a failed request, by names of its own, and installs nothing twice", async () => {
      const existing = { existing: true };
      rehearsal.setBlocks({ crds: existing, certManager: existing, envoyGateway: existing });
      await unharmed(() => rehearsal.up());
      const { status } = await until("the rehearsal", () => ask(rehearsed, { roots: [rootOf("staging")] }));
      assert.equal(status, 200);
      const own = (await names("namespaces")).filter((name) => name.endsWith("-rehearsal"));
      assert.deepEqual(own.sort(), ["envoy-gateway-rehearsal", "whoami-rehearsal"]);
      await rehearsal.succeed("preview", "--expect-no-changes");
      await isUntouched({ others: 1 });
    });

    it("keeps the controllers: a plain destroy of their owner is refused, names it, and deletes nothing", async () => {
      await unharmed(() =>
        stack.refuses(
          /the controllers must be used by no other edge when they go, got one in namespace envoy-gateway-rehearsal of stack organization\.https-edge\.staging\.edge/,
          ["destroy", "--yes", "--skip-preview"],
        ),
      );
      await isUntouched({ others: 1 });
      assert.equal((await ask(rehearsed)).status, 200);
    });

    it("is destroyed without a failed request", async () => {
      await unharmed(() => rehearsal.succeed("destroy", "--yes", "--skip-preview"));
      assert.deepEqual(
        (await names("namespaces")).filter((name) => name.endsWith("-rehearsal")),
        [],
      );
      await isUntouched();
      await stack.succeed("preview", "--expect-no-changes");
    });
  });

  describe("with a token brought along", () => {
    before(async () => {
      await stack.succeed("config", "set", "--secret", "https-edge:dnsToken", tokens.dnsOnly);
      await stack.up();
    });
    after(() => stack.succeed("config", "rm", "https-edge:dnsToken"));

    it("uses it as it is, and deletes the one it had created", async () => {
      assert.deepEqual(await mintedTokens(), []);
      assert.equal(await tokenInSecret(), tokens.dnsOnly);
    });

    it("issues a certificate with it", async () => {
      stack.set("https-edge:acme.environment", "staging");
      await limited.up();
      await until("a certificate of staging", () => ask("example.com", { roots: [rootOf("staging")] }));
      stack.set("https-edge:acme.environment", "production");
    });
  });

  describe("with one credential to edit DNS and another to create tokens", () => {
    before(async () => {
      stack.set("https-edge:cloudflare.accountId", accountId);
      await stack.succeed("config", "set", "--secret", "https-edge:mintingToken", tokens.deploy);
      await limited.up();
    });

    it("creates a token of the account for the one zone", async () => {
      const minted = await mintedTokens();
      assert.deepEqual(
        minted.map(({ account, policies }) => [account, policies.map(({ resources }) => resources)]),
        [[accountId, [{ [resource("example.com")]: "*" }]]],
      );
    });

    it("finds nothing to do afterwards", () => limited.succeed("preview", "--expect-no-changes"));
  });

  describe("with two more domains in other zones, one of them in another account", () => {
    before(async () => {
      const load = startLoad("whoami.example.com");
      stack.set("https-edge:domains[1].name", "example.org");
      stack.set("https-edge:domains[2].name", "example.net");
      stack.set("https-edge:domains[2].accountId", annex);
      await stack.up();
      const { requests, failures } = await load.stop();
      assert.deepEqual(failures, [], "the first domain answers meanwhile");
      assert.ok(requests > 20, `${requests} requests`);
    });

    for (const [domain, host] of [
      ["example.com", "example.com"],
      ["example.com", "whoami.example.com"],
      ["example.org", "example.org"],
      ["example.org", "whoami.example.org"],
      ["example.org", "nobody-claimed-this.example.org"],
      ["example.net", "whoami.example.net"],
    ] as const) {
      it(`shows ${host} the certificate of ${domain}, and speaks HTTP/2`, async () => {
        const expected = host.startsWith("nobody") ? 404 : 200;
        const { certificate, protocol } = await until("the answer", async () => {
          const answer = await ask(host, { roots: roots() });
          assert.equal(answer.status, expected);
          return answer;
        });
        assert.deepEqual(certificate.names.sort(), [`*.${domain}`, domain]);
        assert.equal(protocol, "h2");
      });
    }

    it("has records for all, and one token for the zones of each account", async () => {
      const records = (await state()).records.filter(({ type }) => type === "A").map(({ name }) => name);
      const served = ["example.com", "example.net", "example.org"];
      assert.deepEqual(records.sort(), [...served.map((name) => `*.${name}`), ...served]);
      const minted = (await mintedTokens()).map(({ account, policies }) => [
        account,
        policies.map(({ resources }) => resources),
      ]);
      assert.deepEqual(
        new Map(minted as [string, object[]][]),
        new Map([
          [accountId, [{ [resource("example.com")]: "*", [resource("example.org")]: "*" }]],
          [annex, [{ [resource("example.net")]: "*" }]],
        ]),
      );
      assert.equal(minted.length, 2);
    });

    it("finds nothing to do afterwards", () => stack.succeed("preview", "--expect-no-changes"));
  });

  it("moves to a mirror where the public registries are unknown, and every request is answered meanwhile", async () => {
    const files = [gatewayApiFile(versionSets.current), envoyGatewayFile(versionSets.current)];
    const copies = files.map(({ group }) => join(runDirectory, `${group}.yaml`));
    for (const [index, { locations }] of files.entries()) {
      const texts = await Promise.all(locations.map(async (location) => (await fetch(location)).text()));
      writeFileSync(copies[index] ?? "", texts.join("\n---\n"));
    }
    await stack.succeed("config", "set", "https-edge:mirror", mirror);
    stack.setBlocks({ crds: { gatewayApi: copies[0], envoyGateway: copies[1] } });
    const load = startLoad("whoami.example.com");
    await withoutNames(["github.com", "quay.io", "registry-1.docker.io"], async () => {
      await stack.up();
    });
    const images = async () =>
      (await list("pods"))
        .filter(({ metadata }) => ["cert-manager", "envoy-gateway-system", "whoami"].includes(metadata.namespace ?? ""))
        .flatMap(({ spec }) => ((spec?.containers ?? []) as { image: string }[]).map(({ image }) => image));
    await until("the last pod of another registry's image", async () =>
      (await images()).every((image) => image.startsWith(`${mirror}/`)),
    );
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 20, `${requests} requests`);
    const proxies = (await images()).filter((image) => image.includes("/envoyproxy/envoy:"));
    const copy = inMirror(proxyImage(versionSets.current) ?? "");
    assert.deepEqual(proxies, [copy, copy]);
    await stack.succeed("preview", "--expect-no-changes");
  });
});
