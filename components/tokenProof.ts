/** The proof that cert-manager uses the token that stands in its Secret, before the one that stood there is deleted. */
import * as pulumi from "@pulumi/pulumi";
import { type CreatedToken, secretPath } from "./cloudflareToken";
import { known } from "./resources/unknown";
import { type Way, waited } from "./resources/wait";
import { isWithin } from "./rules/checks";
import { labels, type Names, proofHost, proofName, provenAnnotation } from "./rules/names";
import type { Connection } from "./standing/connection";
import { issuances, lookAt } from "./standing/issuance";

/** What is proven, and how. */
export interface TokenProofArgs {
  names: Names;
  /** The tokens; those that were given are somebody else's to replace. */
  tokens: { created: CreatedToken | undefined; zones: { name: string }[] }[];
  /** The domains, of which each token has one at least. */
  domains: string[];
  /** Namespace of the Certificate, once there is one. */
  namespace: pulumi.Input<string>;
  /** The issuer of the serving certificates. */
  issuerRef: pulumi.Input<{ name: string; kind: string }>;
  /** Whether that is of another ACME server; else Let's Encrypt's staging environment is asked, whose limits nobody reaches. */
  server?: object;
  /** The way to the cluster. */
  way: Way;
  /**
   * Seconds that an issuance may take.
   * @default 300
   */
  seconds?: number;
}

/**
 * Has cert-manager issue a certificate for a host that nobody has asked for before, which it can only with the token of the Secret, and deletes
 * it. Pulumi deletes the replaced token when the program has ended well: so it stands as long as the new one is not proven. An annotation of the
 * Secret has the id of the token that was proven last, so that a run that was interrupted is made good by the next. The first token needs no
 * proof of its own: there is none before it.
 *
 * Errors: `the Cloudflare token … must be used by cert-manager, got …`, as soon as cert-manager has given up, or when the time is up. The token
 * before then still stands, and the next `up` tries again.
 */
export class TokenProof extends pulumi.ComponentResource {
  constructor(name: string, args: TokenProofArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:TokenProof", name, {}, opts);
    const proven = () =>
      Promise.all(args.tokens.map(({ created, zones }) => created && proof(created, zones, args, this)));
    this.registerOutputs(pulumi.runtime.isDryRun() ? {} : { proven: proven() });
  }
}

/** The id of a token, once it is proven. */
const proof = async (
  token: CreatedToken,
  zones: { name: string }[],
  args: TokenProofArgs,
  part: pulumi.Resource,
): Promise<string | undefined> => {
  const { names, domains } = args;
  const [id, name, cluster, before] = await Promise.all([known(token.id), known(token.name), args.way, token.before]);
  // Without a cluster or a Secret there is nothing to prove, and why is told already.
  if (!id || !name || !cluster || before?.annotations?.[provenAnnotation] === id) return id;
  const domain = domains.find((each) => zones.some((zone) => isWithin(each, zone.name))) ?? "";
  if (before) await issue(cluster, { ...args, name, secret: token.secret, host: proofHost(id, domain) }, part);
  await cluster.patch(secretPath(names, token.secret), "application/merge-patch+json", {
    metadata: { annotations: { [provenAnnotation]: id } },
  });
  return id;
};

/** Issues the certificate for a host, and deletes it. */
const issue = async (
  cluster: Connection,
  { names, way, seconds = 300, ...args }: TokenProofArgs & { name: string; secret: string; host: string },
  part: pulumi.Resource,
): Promise<void> => {
  const { name, secret, host } = args;
  const [namespace, chosen] = await Promise.all([known(args.namespace), known(args.issuerRef)]);
  const object = proofName(secret);
  const secretName = `${object}-tls`;
  const certificates = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`;
  const clear = async (): Promise<void> => {
    await cluster.delete(`${certificates}/${object}`);
    await cluster.delete(`/api/v1/namespaces/${namespace}/secrets/${secretName}`);
  };
  await clear(); // what an interrupted run has left is another token's, or has failed
  const since = Date.now();
  await cluster.create(certificates, {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: object, labels: { ...labels, ...names.instanceLabels } },
    spec: {
      secretName,
      issuerRef: args.server ? chosen : { name: names.issuers.staging, kind: "ClusterIssuer" },
      dnsNames: [host],
      privateKey: { algorithm: "ECDSA", size: 256 },
    },
  });
  await waited(part, way, {
    look: async () => lookAt(object, await issuances(cluster, names.namespace, since)),
    seconds,
    problem: (found, after) =>
      `the Cloudflare token "${name}" must be used by cert-manager, got ${found}${after} (the token before it is not deleted; mend the cause and run pulumi up again, which tries again)`,
  });
  await clear();
};
