/** What an edge is made of in a cluster, as its component makes it in a preview: without a cluster, an account or an engine. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { HttpsEdge } from "../components";
import { readSettings } from "../settings/settings";
import { toItsEnd } from "./mocked";

/** An object as it is applied. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** A chart and what it is told. */
export interface Chart {
  chart: string;
  version: string;
  name: string;
  namespace: string;
  values: object;
  skipCrds?: boolean;
}

/** A Secret that somebody must make, by the names of its keys. */
export interface OpenSecret {
  name: string;
  namespace: string;
  keys: string[];
}

/** An edge without what must not be written down. */
export interface Collected {
  objects: Manifest[];
  charts: Chart[];
  secrets: OpenSecret[];
  domains: string[];
}

/** A stack, and its configuration as text, with the keys of its secrets. */
export interface Configured {
  organization: string;
  project: string;
  stack: string;
  config: Record<string, string>;
  secretKeys: string[];
}

const release = "kubernetes:helm.sh/v3:Release";

/** A token by its form alone: no account is asked, and no value of a Secret is written. */
export const placeholder = "0".repeat(40);

/**
 * Runs the component. The CRDs are read, and the charts' registries asked, as in a preview.
 *
 * Errors: those of the component and of the settings, in the same lines.
 */
export const collect = async ({ organization, project, stack, config, secretKeys }: Configured): Promise<Collected> => {
  const collected: Collected = { objects: [], charts: [], secrets: [], domains: [] };
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        take(collected, type, inputs);
        return { id: name, state: { ...inputs, ...outputsOf(type, inputs) } };
      },
      // As the engine answers in a preview that does not know the credential.
      call: async () => ({}),
    },
    project,
    stack,
    true,
    organization,
  );
  pulumi.runtime.setAllConfig({ ...config, "cloudflare:apiToken": placeholder }, [
    ...secretKeys,
    "cloudflare:apiToken",
  ]);

  await toItsEnd(() => {
    const { edge } = readSettings();
    collected.domains = edge.domains.map(({ name }) => name);
    // Of a cluster whose kubeconfig is not known yet, nothing is looked at.
    const kubeconfig = pulumi.output(pulumi.unknown) as pulumi.Output<string>;
    // Whoever applies the manifests brings the token.
    const { proxied, edgeCertificates } = edge.cloudflare ?? {};
    const given = {
      ...edge,
      cluster: { ...edge.cluster, kubeconfig },
      cloudflare: { proxied, edgeCertificates, dnsToken: pulumi.secret(placeholder) },
    };
    new HttpsEdge("edge", given, { providers: { cloudflare: new cloudflare.Provider("account") } });
  });
  return collected;
};

/** What parts go by once a resource is made. */
const outputsOf = (type: string, { input, version }: Record<string, unknown>): object => {
  if (type === "pulumi:index:Stash") return { output: input };
  // The end of a name, which must be the same each time.
  if (type === "random:index/randomId:RandomId") return { hex: "00000000" };
  return type === release ? { status: { version } } : {};
};

const take = (collected: Collected, type: string, inputs: Record<string, unknown>): void => {
  const plain = unwrapped(inputs) as Record<string, unknown>;
  if (type === release) {
    // `as`: what components/resources/chart.ts gives it.
    const { chart, version, name, namespace, values, skipCrds } = plain as unknown as Chart;
    collected.charts.push({ chart, version, name, namespace, values, skipCrds });
  } else if (type.startsWith("kubernetes:")) {
    const object = plain as Manifest;
    if (object.kind !== "Secret") collected.objects.push(applied(object));
    else {
      const { name, namespace = "" } = object.metadata;
      const { stringData = {}, data = {} } = object as { stringData?: object; data?: object };
      collected.secrets.push({ name, namespace, keys: Object.keys({ ...data, ...stringData }) });
    }
  }
};

/** Without what only Pulumi reads. */
const applied = ({ apiVersion, kind, metadata, ...rest }: Manifest): Manifest => {
  const { annotations = {}, ...others } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => !key.startsWith("pulumi.com/"));
  return {
    apiVersion,
    kind,
    metadata: { ...others, ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }) },
    ...rest,
  };
};

/** The label that says who manages an object, which Pulumi does not here. */
const isMark = ([key, value]: [string, unknown]): boolean =>
  key === "app.kubernetes.io/managed-by" && value === "pulumi";

/** Without marks of secrets and of Pulumi, at any depth: a pod's labels are in the template of its Deployment. */
const unwrapped = (value: unknown): unknown => {
  if (pulumi.runtime.isRpcSecret(value)) return unwrapped(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(unwrapped);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter((entry) => !isMark(entry))
      .map(([key, each]) => [key, unwrapped(each)]),
  );
};
