import assert from "node:assert/strict";
import { Hosts, type HostsArgs } from "../components/hosts";
import type { Policy } from "../components/rules/admission";
import { control, format, wideCharacter } from "../components/rules/content";
import { type VersionSet, versionSets } from "../components/rules/versions";
import { type Deployment, deploy, types } from "./support/deploy";
import { labels, names } from "./support/names";

const component = "https-edge:index:Hosts";
const domains = ["example.com", "example.org"];
type Given = HostsArgs & { domains?: string[]; versions?: VersionSet };
const run = (args: Given = {}): Promise<Deployment> =>
  deploy(() => new Hosts("hosts", { names, domains, versions: versionSets.current, ...args }, {}));

/** The spec of one policy. */
const policy = async (part: string, args: Given = {}): Promise<Policy> =>
  (await run(args)).only(types.policy, `hosts-${part}`).inputs.spec as Policy;

const variable = ({ variables }: Policy, name: string) => variables.find((each) => each.name === name)?.expression;

/** What a policy asks for, by the beginning of each message. */
const rules = ({ validations }: Policy) =>
  validations.map(({ messageExpression }) => /^"([^"]+)"/.exec(messageExpression)?.[1]);

const named = "spec.hostnames must name at least one host";
const covered = "spec.hostnames must be one label below a domain (example.com, example.org)";
const below = "spec.hostnames must be one label below a domain";
const each = "spec.hostnames must name each host";
const wellFormed = "annotation https-edge/hosts of namespace ";
const held = "spec.hostnames must be hosts that namespace ";

describe("Hosts", () => {
  it("is a policy with a binding for each of its concerns, which deny and fail closed", async () => {
    const deployment = await run();
    const parts = ["hosts-content", "hosts-hosts", "hosts-kinds"];
    assert.deepEqual(deployment.list, [
      [component, "hosts"],
      ...parts.map((name) => [types.policy, name]),
      ...parts.map((name) => [types.policyBinding, name]),
    ]);
    for (const name of parts) {
      const metadata = {
        name: `https-edge-eg-${name.slice(6)}`,
        labels,
        annotations: { "pulumi.com/patchForce": "true" },
      };
      const { inputs } = deployment.only(types.policy, name);
      assert.deepEqual(inputs.metadata, metadata);
      assert.equal((inputs.spec as { failurePolicy: string }).failurePolicy, "Fail");
      assert.deepEqual(deployment.only(types.policyBinding, name).inputs, {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata,
        spec: { policyName: metadata.name, validationActions: ["Deny"] },
      });
    }
  });

  it("judges namespaces that attach, but the edge's own, and no status", async () => {
    for (const part of ["hosts", "kinds", "content"]) {
      const { matchConstraints } = await policy(part);
      assert.deepEqual(matchConstraints.namespaceSelector, {
        matchLabels: { "https-edge/eg": "attach" },
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["envoy-gateway"] }],
      });
      for (const { resources, operations } of matchConstraints.resourceRules) {
        assert.deepEqual(operations, ["CREATE", "UPDATE"]);
        assert.ok(
          resources.every((resource) => /^[a-z]+$/.test(resource)),
          resources.join(),
        );
      }
    }
  });

  it("knows the domains", async () => {
    assert.equal(variable(await policy("hosts"), "domains"), '["example.com", "example.org"]');
  });

  it("names three of many domains in a message", async () => {
    const many = ["a.com", "b.com", "c.com", "d.com", "e.com"];
    assert.match(rules(await policy("hosts", { domains: many }))[1] ?? "", /\(a\.com, b\.com, c\.com and 2 more\)$/);
  });

  for (const [what, args, expected] of [
    [
      "keeps the domains themselves and wildcards for those to whom they are granted",
      {},
      [named, covered, below, each, wellFormed, held],
    ],
    ["lets any namespace claim a domain itself on request", { apex: true }, [named, covered, each, wellFormed, held]],
    ["lets any namespace claim a wildcard on request", { wildcards: true }, [named, covered, below, wellFormed, held]],
    ["goes by what is granted alone on request", { listedOnly: true }, [named, covered, wellFormed, held]],
  ] as const)
    it(what, async () => {
      assert.deepEqual(rules(await policy("hosts", args)), expected);
    });

  it("holds a namespace to its list where there is one, and on request where there is none as well", async () => {
    const last = async (args: HostsArgs) => (await policy("hosts", args)).validations.at(-1)?.expression;
    assert.equal(await last({}), "!variables.isListed || variables.ungranted.size() == 0");
    assert.equal(await last({ listedOnly: true }), "variables.ungranted.size() == 0");
  });

  it("knows that Envoy Gateway 1.3 shows a page as it is written", async () => {
    const { variables } = await policy("content", { versions: versionSets.guide });
    assert.equal(variables.find(({ name }) => name === "references")?.expression, '""');
    assert.doesNotMatch(variables.find(({ name }) => name === "formats")?.expression ?? "", /inline/);
  });

  describe("takes for the format of a header or a page", () => {
    for (const value of [
      "",
      "20 off",
      "20%% off",
      "%%",
      "%REQ(:path)%",
      "%REQ(X-A?X-B):10%%%",
      "%START_TIME%, %PROTOCOL%",
      "two\nlines",
    ])
      it(JSON.stringify(value), () => assert.match(value, new RegExp(format)));
    for (const value of [
      "20% off",
      "100%",
      "%%%",
      "a%20b",
      "%REQ(",
      "%REQ()%",
      "%req(x)%",
      "%REQ(a b)%",
      "%ENVIRONMENT(PATH)%",
      "%START_TIME(%Y)%",
      "%CEL(x)%",
      "two\n50%",
    ])
      it(`not ${JSON.stringify(value)}`, () => assert.doesNotMatch(value, new RegExp(format)));
  });

  /** A text as CEL writes it within a spec. */
  const quoted = (value: string) => JSON.stringify({ a: value });

  describe("finds in a spec the number of a character that Envoy's regular expressions have not", () => {
    for (const value of ["\\x{100}", "[\\x{4e00}-\\x{9fa5}]", "\\x{00100}", "a\\777", "\\\\\\x{100}"])
      it(value, () => assert.match(quoted(value), new RegExp(wideCharacter)));
    for (const value of ["\\xff", "\\x{ff}", "\\x{0000ff}", "\\377", "\\\\x{100}", "x{100}", "é"])
      it(`not ${value}`, () => assert.doesNotMatch(quoted(value), new RegExp(wideCharacter)));
  });

  it("finds line breaks in a spec, and not backslashes before letters", () => {
    for (const value of ["a\nb", "a\r", "\\\n"]) assert.match(quoted(value), new RegExp(control));
    for (const value of ["a\tb é", "\\n", "\\\\r", "n"]) assert.doesNotMatch(quoted(value), new RegExp(control));
  });
});
