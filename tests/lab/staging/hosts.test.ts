import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { output, run } from "../../../lab";
import { apply, get, remove } from "../support/cluster";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";

const namespace = (name: string, labels = {}, annotations = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels, annotations },
});
const attach = { "https-edge/eg": "attach" };
const ours = { name: "eg", namespace: "envoy-gateway" };
const backendRefs = [{ name: "app", port: 80 }];

interface Route {
  kind?: string;
  in?: string;
  hosts?: string[];
  parent?: object;
  rule?: object;
}
const route = ({ kind = "HTTPRoute", in: where = "tenant", hosts, parent = ours, rule = { backendRefs } }: Route) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind,
  metadata: { namespace: where },
  spec: { parentRefs: [parent], ...(hosts && { hostnames: hosts }), rules: [rule] },
});

const shop = `shop.${domain}`;
const filtered = (filter: object, kind?: string) =>
  route({ kind, hosts: [shop], rule: { filters: [filter], backendRefs } });
const header = (value: string) => ({
  type: "ResponseHeaderModifier",
  responseHeaderModifier: { set: [{ name: "X-Offer", value }] },
});
const rewritten = (replaceFullPath: string) =>
  filtered({ type: "URLRewrite", urlRewrite: { path: { type: "ReplaceFullPath", replaceFullPath } } });
const matching = (match: object, kind?: string) =>
  route({ kind, hosts: [shop], rule: { matches: [match], backendRefs } });
const path = (value: string) => matching({ path: { type: "RegularExpression", value } });

const envoyGateway = (kind: string, spec: object, where = "tenant") => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind,
  metadata: { namespace: where },
  spec,
});
const answer = (directResponse: object, where?: string) => envoyGateway("HTTPRouteFilter", { directResponse }, where);
const page = (inline: string, where?: string) => answer({ body: { type: "Inline", inline } }, where);
const target = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "app" };
const override = (response: object) =>
  envoyGateway("BackendTrafficPolicy", {
    targetRefs: [target],
    responseOverride: [{ match: { statusCodes: [{ type: "Value", value: 404 }] }, response }],
  });

/** What the API server says of each object, none of which is made: the policy's words, or nothing when it is admitted. */
const verdicts = async (objects: Record<string, { metadata: object }>): Promise<Record<string, string>> => {
  const names = Object.keys(objects);
  const items = Object.values(objects).map((each, nth) => ({
    ...each,
    metadata: { ...each.metadata, name: `case-${nth}` },
  }));
  const { stderr } = await run(["kubectl", "create", "--dry-run=server", "-f", "-"], {
    input: [JSON.stringify({ apiVersion: "v1", kind: "List", items })],
  });
  // One error alone is told without "Error from server".
  const said = stderr.split(/^(?=Error from server |The \w+ ")/m).filter(Boolean);
  const of = (nth: number) => said.find((each) => each.includes(`"case-${nth}" is `)) ?? "";
  const found = names.map((name, nth) => [
    name,
    of(nth)
      .replace(/^.* denied request: /s, "")
      .trim(),
  ]);
  assert.equal(found.filter(([, verdict]) => verdict).length, said.length, stderr);
  return Object.fromEntries(found);
};

const ask = "ask whoever runs the edge to grant it by the namespace's annotation https-edge/hosts";
const nameHosts = `spec.hostnames must name at least one host, got none (a route without hostnames takes every host of the edge; name yours, such as shop.${domain})`;
const notBelow = (got: string) =>
  `spec.hostnames must be one label below a domain (${domain}), got ${got} (the certificates cover no other name; ask whoever runs the edge for a further domain)`;
const apex = `spec.hostnames must be one label below a domain, got ${domain} (${ask})`;
const wildcard = `spec.hostnames must name each host, got *.${domain} (it takes every host that no other route names; ${ask})`;
const notHeld = (where: string, holds: string, got: string) =>
  `spec.hostnames must be hosts that namespace ${where} holds (${holds}), got ${got} (${ask})`;
const otherKind = (kind: string) =>
  `what names Gateway envoy-gateway/eg as its parent must be an HTTPRoute or a GRPCRoute, got a ${kind} (for TLS, TCP, UDP and listeners of your own, make a Gateway or a Service of your own)`;
const percent = (got: string) =>
  `a percent sign must be doubled, got ${got} (write %% for it; of Envoy's operators %REQ(name)%, %RESP(name)%, %START_TIME% and the like are taken)`;

const twoLines = (got: string) => `headers, paths and the like must be one line, got ${got} (take the line break out)`;
const tooWide = (got: string) =>
  `a regular expression must have no characters above \\xFF by number, got ${got} (write the characters themselves, not as a class: Envoy reads bytes)`;

const granted = `${domain}, pr-*.${domain}`;

/** [what it is, the object, what its writer is told]; nothing is told of what is admitted. */
const routes: [string, { metadata: object }, string?][] = [
  ["a host one label below the domain", route({ hosts: [shop] })],
  ["the same of a GRPCRoute", route({ kind: "GRPCRoute", hosts: [shop] })],
  ["no host", route({}), nameHosts],
  [
    "an empty list of hosts, on one listener",
    route({ hosts: [], parent: { ...ours, sectionName: "https" } }),
    nameHosts,
  ],
  ["no host of a GRPCRoute", route({ kind: "GRPCRoute" }), nameHosts],
  ["a host two labels below", route({ hosts: [`a.b.${domain}`] }), notBelow(`a.b.${domain}`)],
  [
    "one of another domain beside a good one",
    route({ hosts: [shop, "shop.example.org"] }),
    notBelow("shop.example.org"),
  ],
  ["the domain itself", route({ hosts: [domain] }), apex],
  ["a wildcard", route({ hosts: [`*.${domain}`] }), wildcard],
  ["a parent of the same name in the namespace", route({ parent: { name: "eg" } })],
  ["a parent of another name", route({ parent: { ...ours, name: "other" } })],
  ["a parent of another kind", route({ parent: { ...ours, group: "", kind: "Service" } })],
  ["a namespace that does not attach", route({ in: "stranger" })],
  ["the edge's own namespace", route({ in: "envoy-gateway", parent: { name: "eg" } })],
  ["the domain itself, granted", route({ in: "granted", hosts: [domain] })],
  ["a host of a granted pattern", route({ in: "granted", hosts: [`pr-17.${domain}`] })],
  ["a host that is not granted", route({ in: "granted", hosts: [shop] }), notHeld("granted", granted, shop)],
  [
    "a wildcard that is not granted",
    route({ in: "granted", hosts: [`*.${domain}`] }),
    notHeld("granted", granted, `*.${domain}`),
  ],
  ["a wildcard, granted", route({ in: "everything", hosts: [`*.${domain}`] })],
  ["any host where nothing is granted", route({ in: "nothing", hosts: [shop] }), notHeld("nothing", "none", shop)],
  [
    "a host where what is granted cannot be read",
    route({ in: "illegible", hosts: [shop] }),
    `annotation https-edge/hosts of namespace illegible must list hosts such as shop.${domain}, separated by commas, got (shop) (ask whoever runs the edge to mend it)`,
  ],
  ["a TLSRoute", route({ kind: "TLSRoute", hosts: [shop] }), otherKind("TLSRoute")],
  ["a TCPRoute", route({ kind: "TCPRoute" }), otherKind("TCPRoute")],
  ["a UDPRoute", route({ kind: "UDPRoute" }), otherKind("UDPRoute")],
  ["a TCPRoute to another Gateway", route({ kind: "TCPRoute", parent: { name: "mine" } })],
  [
    "a ListenerSet",
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "ListenerSet",
      metadata: { namespace: "tenant" },
      spec: { parentRef: ours, listeners: [{ name: "clear", port: 8080, protocol: "HTTP" }] },
    } as { metadata: object },
    otherKind("ListenerSet"),
  ],
];

const contents: [string, { metadata: object }, string?][] = [
  ["a header without a percent sign", filtered(header("20 off"))],
  ["one that is doubled", filtered(header("20%% off"))],
  ["an operator of Envoy's", filtered(header("%REQ(X-Who?:authority):20% at %START_TIME%"))],
  ["a lone percent sign in a header", filtered(header("20% off")), percent("X-Offer: 20% off")],
  ["one of a GRPCRoute", filtered(header("20% off"), "GRPCRoute"), percent("X-Offer: 20% off")],
  [
    "one in a header for one backend",
    route({ hosts: [shop], rule: { backendRefs: [{ ...backendRefs[0], filters: [header("a%20b")] }] } }),
    percent("X-Offer: a%20b"),
  ],
  [
    "an operator that tells of the proxy",
    filtered(header("%ENVIRONMENT(PATH)%")),
    percent("X-Offer: %ENVIRONMENT(PATH)%"),
  ],
  ["a page with one doubled", page("Save 20%% today")],
  ["a lone percent sign in a page", page("Save 20% today"), percent("Save 20% today")],
  ["one in the edge's own namespace", page("Save 20% today", "envoy-gateway")],
  ["one in a page for errors", override({ body: { type: "Inline", inline: "50%" } })],
  ["one in a content type", answer({ contentType: "text/%" }), percent("text/%")],
  [
    "a page in a ConfigMap",
    answer({ body: { type: "ValueRef", valueRef: { group: "", kind: "ConfigMap", name: "page" } } }),
    "a body must be inline, got ConfigMap page (what a ConfigMap holds is not checked, and a single percent sign in it would stop every route of the edge)",
  ],
  ["a status that Envoy gives", answer({ statusCode: 503 })],
  [
    "one that it does not, in a page for errors",
    override({ statusCode: 99 }),
    "statusCode must be from 200 to 599, got 99 (Envoy gives no other answers)",
  ],
  [
    "one that it does not",
    answer({ statusCode: 600 }),
    "statusCode must be from 200 to 599, got 600 (Envoy gives no other answers)",
  ],
  [
    "the header Host in an answer",
    answer({ header: { set: [{ name: "Host", value: "other" }] } }),
    "headers of an answer must be others than host, got Host (an answer has none)",
  ],
  ["a path of two lines", rewritten("/a\nb"), twoLines('"replaceFullPath":"/a\\n')],
  [
    "a header of two lines in a policy for security",
    envoyGateway("SecurityPolicy", {
      targetRefs: [target],
      basicAuth: { users: { name: "users" }, forwardUsernameHeader: "X-User\n" },
    }),
    twoLines('"forwardUsernameHeader":"X-User\\n'),
  ],
  ["a page of two lines", page("<p>two\nlines, \\x{100}</p>")],
  [
    "a time of nothing",
    envoyGateway("BackendTrafficPolicy", { targetRefs: [target], timeout: { tcp: { connectTimeout: "0s" } } }),
    "these times must be above zero, got timeout.tcp.connectTimeout: 0s (Envoy knows no 0s for them: leave the field out)",
  ],
  ["a regular expression", path("/[a-z]+\\\\x{100}")],
  ["one with a character that Envoy's have not", path("/[\\x{4e00}-\\x{9fa5}]"), tooWide('"value":"/[\\\\x{4e00')],
  [
    "one in a GRPCRoute",
    matching({ method: { type: "RegularExpression", service: "\\x{100}" } }, "GRPCRoute"),
    tooWide('"service":"\\\\x{100'),
  ],
  [
    "code that runs in the proxies",
    envoyGateway("EnvoyExtensionPolicy", {
      targetRefs: [target],
      lua: [{ type: "Inline", inline: "function envoy_on_request(handle) end" }],
    }),
    "an EnvoyExtensionPolicy must not bring code into the proxies, got lua (a loop in it would stop every route of the edge; use extProc, or ask whoever runs the edge)",
  ],
];

describe("What tenants attach to the edge", () => {
  const namespaces = [
    namespace("tenant", attach),
    namespace("stranger"),
    namespace("granted", attach, { "https-edge/hosts": granted }),
    namespace("everything", attach, { "https-edge/hosts": `*.${domain}` }),
    namespace("nothing", attach, { "https-edge/hosts": "" }),
    namespace("illegible", attach, { "https-edge/hosts": "(shop)" }),
  ];
  before(async () => {
    await stagingEdge();
    await apply(...namespaces);
  });
  after(() => Promise.all(namespaces.map(({ metadata: { name } }) => remove("namespace", name))));

  for (const [what, cases] of [
    ["hosts and kinds", routes],
    ["content", contents],
  ] as const)
    describe(`is judged by its ${what}`, () => {
      let said: Record<string, string>;
      before(async () => {
        said = await verdicts(Object.fromEntries(cases.map(([name, object]) => [name, object])));
      });

      for (const [name, , message = ""] of cases)
        it(`${message ? "refuses" : "admits"} ${name}`, () => {
          assert.equal(said[name], message);
        });
    });

  describe("when it stood before the rules did", () => {
    const binding = "validatingadmissionpolicybindings/https-edge-eg-hosts";
    const patch = (what: object, ...more: string[]) =>
      run([
        "kubectl",
        "patch",
        "httproute",
        "old",
        "-n",
        "tenant",
        "--type=merge",
        "-p",
        JSON.stringify(what),
        ...more,
      ]);
    before(async () => {
      const kept = await output(["kubectl", "get", binding, "-o", "json"]);
      const { apiVersion, kind, metadata, spec } = JSON.parse(kept);
      await output(["kubectl", "delete", binding]);
      try {
        const old = route({ hosts: [`a.b.${domain}`] });
        await eventually("a route that no rule holds for", async () => {
          await apply({ ...old, metadata: { ...old.metadata, name: "old" } });
        });
      } finally {
        const { name, labels, annotations } = metadata;
        await apply({ apiVersion, kind, metadata: { name, labels, annotations }, spec });
      }
      await eventually("the rules", async () => {
        assert.notEqual((await verdicts({ again: route({}) })).again, "");
      });
    });

    it("may be labelled, and have its status reported", async () => {
      assert.equal((await patch({ metadata: { labels: { team: "a" } } })).code, 0);
      assert.equal((await patch({ status: { parents: [] } }, "--subresource=status")).code, 0);
    });

    it("is refused when its spec is changed, until it keeps the rules", async () => {
      const { code, output: said } = await patch({ spec: { hostnames: [`b.b.${domain}`] } });
      assert.notEqual(code, 0);
      assert.ok(said.includes(notBelow(`b.b.${domain}`)), said);
      assert.equal((await patch({ spec: { hostnames: [shop] } })).code, 0);
      assert.deepEqual((await get("httproute", "old", "tenant")).spec?.hostnames, [shop]);
    });
  });

  describe("when Envoy refuses something that no rule knows", () => {
    const users = "ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";
    const named = <T extends { metadata: object }>(object: T) => ({
      ...object,
      metadata: { ...object.metadata, name: "app" },
    });
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "tenant" } };
    const twice = [
      named({ ...secret, stringData: { ".htpasswd": `${users}\n${users}` } }),
      named(route({ hosts: [`app.${domain}`], rule: { filters: [header("1")] } })),
      named(envoyGateway("SecurityPolicy", { targetRefs: [target], basicAuth: { users: { name: "app" } } })),
    ];

    it("has its words in the next up", async () => {
      const stack = await stagingEdge();
      await apply(...twice);
      await eventually("what up says", async () => {
        assert.match(await stack.up(), /Envoy must take what Envoy Gateway sends it, got .*duplicate users/);
      });
    });
  });
});
