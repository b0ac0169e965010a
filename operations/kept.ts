/** What a backup keeps of an edge: what the CA has given, and the keys to it. All else `pulumi up` makes again. */
import { z } from "zod";
import type { PlacedEdge } from "./chosen";
import { clusterResourceNamespace } from "./standingEdge";

const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const secret = z.object({
  metadata: metadata.extend({ namespace: z.string() }),
  type: z.string().optional(),
  data: z.record(z.string(), z.string()).optional(),
});

/** The content of a backup. `version` changes when an older restore could not read it. */
export const backupSchema = z.object({
  product: z.literal("https-edge"),
  version: z.literal(1),
  written: z.string(),
  /** Namespaces of the Secrets, with the labels by which an edge knows them as its own. */
  namespaces: z.array(z.object({ metadata })),
  secrets: z.array(secret),
  /** The stack's settings as its file has them, what is encrypted in it included. */
  settings: z.object({ file: z.string(), text: z.string() }).optional(),
});

export type Backup = z.infer<typeof backupSchema>;
export type KeptSecret = z.infer<typeof secret>;
export type KeptNamespace = Backup["namespaces"][number];

/** Secrets by kind, and which were named and are not there. */
export interface Kept {
  namespaces: KeptNamespace[];
  secrets: KeptSecret[];
  missing: string[];
}

/** Reads the TLS Secrets of an edge's certificates, and the account keys of their issuers. Errors: `ConnectionError`. */
export const readKept = async ({ cluster, edge }: PlacedEdge): Promise<Kept> => {
  const { namespace = "" } = edge.gateway.metadata;
  const issuers = edge.issuers.filter(({ metadata: { name } }) =>
    edge.chain.certificates.some(({ spec }) => spec.issuerRef.name === name),
  );
  const keysIn = clusterResourceNamespace(edge);
  const wanted = [
    ...edge.chain.certificates.map(({ spec }) => ({ namespace, name: spec.secretName })),
    ...issuers.flatMap(({ spec }) => {
      const name = spec.acme?.privateKeySecretRef?.name;
      return name ? [{ namespace: keysIn, name }] : [];
    }),
  ];
  const found = await Promise.all(
    wanted.map(({ namespace: at, name }) => cluster.get<KeptSecret>(secretPath(at, name))),
  );
  const secrets = found.flatMap((each) => (each ? [secretOf(each)] : []));
  const spaces = [...new Set(secrets.map((each) => each.metadata.namespace))];
  const namespaces = await Promise.all(spaces.map((name) => cluster.get<KeptNamespace>(namespacePath(name))));
  return {
    namespaces: namespaces.flatMap((each) => (each ? [{ metadata: metadataOf(each.metadata) }] : [])),
    secrets,
    missing: wanted.flatMap(({ namespace: at, name }, index) => (found[index] ? [] : [`${at}/${name}`])),
  };
};

export const secretPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/secrets/${name}`;
export const namespacePath = (name: string): string => `/api/v1/namespaces/${name}`;

const secretOf = ({ metadata: all, type, data }: KeptSecret): KeptSecret => ({
  metadata: { ...metadataOf(all), namespace: all.namespace },
  type,
  data,
});

/** What kubectl has noted of an earlier content is left out: it would be the Secret once more. */
const metadataOf = ({ name, namespace, labels, annotations = {} }: z.infer<typeof metadata>) => {
  const { "kubectl.kubernetes.io/last-applied-configuration": _, ...kept } = annotations;
  return { name, namespace, labels, annotations: kept };
};
