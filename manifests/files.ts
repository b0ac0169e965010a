/** The files that the objects of an edge are written to: pure functions. */
import { dump } from "js-yaml";
import { namesOf } from "../components/rules/names";
import { safeUpgradePolicyName } from "../components/rules/versions";
import type { Collected, Manifest, OpenSecret } from "./collect";

const tokenKey = namesOf().tokenSecret().key;

/** Files by their paths. */
export type Files = Record<string, string>;

/** The folders, in the order in which they are applied. */
export const folders = { crds: "1-crds", controllers: "2-controllers", edge: "3-edge" };

/** Kinds in the order in which they are read best, which is also one in which they can be applied. */
const kinds = [
  "Namespace",
  "ConfigMap",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ClusterIssuer",
  "Certificate",
  "ClientTrafficPolicy",
  "BackendTrafficPolicy",
  "EnvoyProxy",
  "GatewayClass",
  "Gateway",
  "Deployment",
  "PodDisruptionBudget",
  "Service",
  "HTTPRouteFilter",
  "HTTPRoute",
];

const rankOf = ({ kind }: Manifest): number => {
  const found = kinds.indexOf(kind);
  return found < 0 ? kinds.length : found;
};

const keyOf = (object: Manifest): string =>
  [String(rankOf(object)).padStart(2, "0"), object.kind, object.metadata.namespace ?? "", object.metadata.name].join(
    "/",
  );

const sorted = (objects: Manifest[]): Manifest[] =>
  [...objects].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));

const yaml = (document: object): string => dump(document, { lineWidth: -1, noRefs: true, sortKeys: false });

const documents = (objects: Manifest[]): string =>
  objects
    .filter((object) => !isOfCrds(object))
    .map(yaml)
    .join("---\n");

const kustomization = (resources: string[]): string =>
  yaml({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources });

const isOfCrds = ({ kind, metadata }: Manifest): boolean =>
  kind === "CustomResourceDefinition" || metadata.name === safeUpgradePolicyName;

/**
 * All files. `charts` are the rendered charts by the names of their releases.
 *
 * Errors: an object with a value that only an `up` knows, which would be a mistake of the program.
 */
export const filesOf = (collected: Collected, charts: Record<string, Manifest[]>): Files => {
  // Whoever takes the controllers away keeps the CRDs, as Helm does: with those, everybody's objects would go.
  const objects = [...collected.objects, ...Object.values(charts).flat().filter(isOfCrds)];
  const unknown = objects.find((object) => JSON.stringify(object).includes(unknownValue));
  if (unknown) throw new Error(`${unknown.kind} ${unknown.metadata.name} has a value that only an up knows`);
  const controllers = collected.charts.map(({ namespace }) => namespace);
  const isOfControllers = ({ kind, metadata }: Manifest): boolean =>
    kind === "Namespace" && controllers.includes(metadata.name);
  const parts = {
    crds: objects.filter(isOfCrds),
    controllers: objects.filter((object) => !isOfCrds(object) && isOfControllers(object)),
    edge: objects.filter((object) => !isOfCrds(object) && !isOfControllers(object)),
  };
  const files: Files = { "README.md": readme(collected) };
  for (const [part, folder] of Object.entries(folders)) {
    const own = numbered(sorted(parts[part as keyof typeof parts]));
    const rendered = part === "controllers" ? Object.entries(charts).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
    const all = [
      ...Object.entries(own),
      ...rendered.map(([name, each]) => [`90-chart-${name}.yaml`, documents(each)] as const),
    ];
    if (all.length === 0) continue;
    files[`${folder}/kustomization.yaml`] = kustomization(all.map(([file]) => file));
    for (const [file, text] of all) files[`${folder}/${file}`] = text;
  }
  return files;
};

/** What stands for a value that a preview does not know. */
const unknownValue = "__pulumiUnknown";

/** A file for each object, numbered by kind. */
const numbered = (objects: Manifest[]): Files =>
  Object.fromEntries(
    objects.map((object) => {
      const { kind, metadata } = object;
      const number = String(10 + rankOf(object)).padStart(2, "0");
      return [
        `${number}-${[kind.toLowerCase(), metadata.namespace, metadata.name].filter(Boolean).join("-")}.yaml`,
        yaml(object),
      ];
    }),
  );

const createSecret = (secret: OpenSecret): string =>
  `kubectl create secret generic ${secret.name} -n ${secret.namespace} ${secret.keys.map((key) => `--from-literal=${key}="$${variableOf(secret)}"`).join(" ")}`;

/**
 * The environment variable that holds it: on the command line it would stay in the shell's history. CLOUDFLARE_API_TOKEN is not it, since people
 * have a credential there that may do more.
 */
const variableOf = ({ name }: OpenSecret): string =>
  name
    .replace("cloudflare-api-token", "dns-token")
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "_");

const meaningOf = (secret: OpenSecret): string =>
  [
    `The variable \`${variableOf(secret)}\` holds`,
    secret.keys.includes(tokenKey)
      ? "a Cloudflare token with Zone Read and DNS Write on the zones, and nothing else"
      : "the HMAC key of the external account, in base64url without padding",
    `(\`read -rs ${variableOf(secret)}\` in bash keeps it out of the history).`,
  ].join(" ");

const readme = ({ secrets, domains, charts }: Collected): string => `# An HTTPS edge for ${domains.join(", ")}

Written by https-edge from the settings of a stack: change those and write anew, not these files. There is no secret in them.

\`\`\`sh
kubectl apply --server-side -k ${folders.crds}
kubectl wait --for=condition=Established crd --all
${charts.length === 0 ? "" : `kubectl apply --server-side -k ${folders.controllers}\n${charts.map(({ namespace }) => `kubectl wait --for=condition=Available deployment --all -n ${namespace} --timeout=5m`).join("\n")}\n`}${secrets.map(createSecret).join("\n")}
kubectl apply --server-side -k ${folders.edge}
kubectl wait --for=condition=Programmed gateway --all -A --timeout=5m
kubectl wait --for=condition=Ready certificate --all -A --timeout=15m
\`\`\`

${secrets.map(meaningOf).join("\n")}

Where CRDs stand that another hand has applied, kubectl names it and stops; \`--force-conflicts\` takes them over.

Then add these records, with the address that \`kubectl get gateway -A\` tells (a CNAME where it is a name):

| Name | Type |
| ---- | ---- |
${domains.flatMap((domain) => [domain, `*.${domain}`].map((name) => `| \`${name}\` | A, AAAA or CNAME |`)).join("\n")}

It is taken away in the other order. Deleting the CRDs as well would delete every Gateway and every Certificate of the cluster.

\`\`\`sh
kubectl delete --ignore-not-found -k ${folders.edge}
${charts.length === 0 ? "" : `kubectl delete --ignore-not-found -k ${folders.controllers}\n`}\`\`\`
`;
