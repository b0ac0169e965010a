/** What can be seen before a first `up`: whether token, zones, DNS and cluster let an edge be put up. */
import type { Connection, Metadata } from "../../components/standing/connection";
import { items } from "../snapshot";
import { gatewayCrds } from "./cluster";
import { type CredentialFacts, deployingCredential } from "./credentials";
import { type Diagnosis, marked, seenIn } from "./diagnosis";
import { type DomainFacts, type Lookup, readDomain } from "./domains";
import type { Link } from "./links";
import type { Symptom } from "./symptom";
import { type Balancers, balancerSubject, balancerSymptoms } from "./symptoms/balancers";
import { crdsSubject, mixedChannels } from "./symptoms/controllers";
import { credentialSubject, credentialSymptoms } from "./symptoms/credentials";
import { type Known as KnownOfZones, zoneSubject, zoneSymptoms } from "./symptoms/zones";

/** What a stack is set to, as far as it is tried. */
export interface Intended {
  domains: { name: string; zone?: string }[];
  token: string | undefined;
  /** Whether Let's Encrypt issues, and no other ACME server. */
  byLetsEncrypt: boolean;
}

interface PreflightFacts extends KnownOfZones {
  credentials: CredentialFacts[];
  domains: DomainFacts[];
  crds: Metadata[];
  balancers: Balancers;
}

/** Reads and judges. Errors: `ConnectionError`. */
export const preflight = async (cluster: Connection, intended: Intended, lookup?: Lookup): Promise<Diagnosis> => {
  const [domains, crds, balancers] = await Promise.all([
    Promise.all(intended.domains.map(({ name }) => readDomain(name, lookup))),
    gatewayCrds(cluster),
    balancersOf(cluster),
  ]);
  const zones = intended.domains.flatMap(({ zone }, at) => zone ?? domains[at]?.zone ?? []);
  const facts: PreflightFacts = {
    domains,
    crds,
    balancers,
    credentials: [await deployingCredential(intended.token, zones)],
    byLetsEncrypt: () => intended.byLetsEncrypt,
    followsAliases: false,
    isChallenged: () => false,
  };
  const rows: Symptom<PreflightFacts>[] = [...credentialSymptoms, ...zoneSymptoms, mixedChannels, ...balancerSymptoms];
  const findings = rows.flatMap(seenIn(facts));
  return { findings, links: linksOf(facts).map((link) => marked(link, findings)) };
};

const linksOf = ({ credentials, domains, crds, balancers: { withAddress, clouds } }: PreflightFacts): Link[] => {
  const fine = (kind: Link["kind"], subject: string, found: string): Link => ({
    kind,
    subject,
    found,
    result: "ok",
    needs: [],
  });
  return [
    ...credentials.map((each) => fine("credential", credentialSubject(each), "it may read the zones")),
    ...domains.map(({ domain, zone, nameServers }) =>
      fine("zone", zoneSubject(domain), `${zone ?? "unknown"}, at ${nameServers.join(", ") || "no name server"}`),
    ),
    fine("crds", crdsSubject, crds.length > 0 ? `${crds.length} of them stand` : "none yet"),
    fine("gateway", balancerSubject, withAddress[0] ?? clouds.find(Boolean) ?? "unknown"),
  ];
};

const balancersOf = async (cluster: Connection): Promise<Balancers> => {
  const [services, nodes] = await Promise.all([
    items<{ spec: { type?: string }; status?: { loadBalancer?: { ingress?: unknown[] } } }>(
      cluster,
      "/api/v1/services",
    ),
    items<{ spec: { providerID?: string } }>(cluster, "/api/v1/nodes"),
  ]);
  const balanced = services.filter(({ spec }) => spec.type === "LoadBalancer");
  const has = ({ status }: (typeof services)[number]) => (status?.loadBalancer?.ingress ?? []).length > 0;
  const place = ({ metadata }: (typeof services)[number]) => `${metadata.namespace}/${metadata.name}`;
  return {
    withAddress: balanced.filter(has).map(place),
    withoutAddress: balanced.filter((each) => !has(each)).map(place),
    clouds: [...new Set(nodes.map(({ spec }) => spec.providerID?.split(":")[0] ?? ""))],
  };
};
