import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { before, describe, it } from "mocha";
import { log, output, tokens } from "../../../lab";
import { type KubernetesObject, list, tokenInSecret } from "../support/cluster";
import { stagingEdge } from "../support/edge";
import type { Stack } from "../support/stack";

/** A secret's value, and the one place where it may stand. */
interface Value {
  text: string;
  home: string | undefined;
}

const placeOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;

/** Every private key in a Secret. */
const keys = async (): Promise<Value[]> =>
  (await list("secrets")).flatMap((secret) =>
    Object.entries(secret.data ?? {})
      .map(([, value]) => Buffer.from(value, "base64").toString())
      .filter((value) => value.includes("PRIVATE KEY-----"))
      .map((text) => ({ text, home: placeOf(secret) })),
  );

describe("Every secret: the tokens, the keys of the certificates and of the ACME accounts", () => {
  let stack: Stack;
  let values: Value[];
  before(async () => {
    stack = await stagingEdge();
    values = [
      { text: await tokenInSecret(), home: "cert-manager/cloudflare-api-token" },
      { text: tokens.deploy, home: undefined },
      ...(await keys()),
    ];
    for (const { text } of values) assert.ok(text.length >= 40);
    const homes = values.map(({ home }) => home);
    for (const home of [
      "envoy-gateway/wildcard-staging-example-com-tls",
      "cert-manager/letsencrypt-staging-account-key",
    ])
      assert.ok(homes.includes(home), `${homes}`);
  });

  /** The value as it is, and as it may hide in data: a key also by a line of its middle, whatever line breaks have become of. */
  const forms = ({ text }: Value) => [
    ...(text.includes("\n") ? [text.split("\n")[2] ?? ""] : [text]).filter((each) => each.length > 30),
    Buffer.from(text).toString("base64"),
  ];
  const absent = (text: string, where: string, except?: string) => {
    for (const value of values.filter(({ home }) => except === undefined || home !== except))
      for (const form of forms(value))
        assert.ok(!text.includes(form), `what stands in ${value.home ?? "the environment"} stands in ${where}`);
  };

  it("are encrypted in the state", async () => {
    absent(await stack.succeed("stack", "export"), "the state");
  });

  it("are in no preview, not even in a detailed one or as JSON", async () => {
    absent(await stack.succeed("preview", "--diff"), "the preview");
    absent(await stack.succeed("preview", "--json"), "the preview's JSON");
  });

  it("are in no output of the stack", async () => {
    absent(await stack.succeed("stack", "output", "--show-secrets", "--json"), "the outputs");
  });

  it("are in no object of any kind but their own Secret, events included", async () => {
    const kinds = (await output(["kubectl", "api-resources", "--verbs=list", "-o", "name"]))
      .split("\n")
      .filter(Boolean);
    assert.ok(kinds.length > 60 && kinds.includes("envoyproxies.gateway.envoyproxy.io"), `${kinds}`);
    for (const kind of kinds)
      for (const each of await list(kind)) {
        const place = placeOf(each);
        absent(JSON.stringify(each), `${kind} ${place}`, kind === "secrets" ? place : undefined);
      }
  });

  it("are in no Helm release", async () => {
    const releases = (await list("secrets")).filter(({ metadata }) => metadata.name.startsWith("sh.helm.release."));
    // Each with a revision for every change of its values.
    const names = releases.map(({ metadata }) => metadata.name.replace(/\.v\d+$/, ""));
    assert.deepEqual([...new Set(names)].sort(), ["sh.helm.release.v1.cert-manager", "sh.helm.release.v1.eg"]);
    for (const { metadata, data } of releases) {
      const release = Buffer.from(Buffer.from(data?.release ?? "", "base64").toString(), "base64");
      absent(gunzipSync(release).toString(), `release ${metadata.name}`);
    }
  });

  it("are in no log of any pod or of the lab", async () => {
    const pods = await list("pods");
    assert.ok(pods.length >= 8);
    for (const { metadata } of pods) {
      const where = ["-n", metadata.namespace ?? "", metadata.name];
      absent(await output(["kubectl", "logs", "--all-containers", ...where]), `the log of ${metadata.name}`);
    }
    for (const file of readdirSync(log)) absent(readFileSync(join(log, file), "utf8"), file);
  });
});
