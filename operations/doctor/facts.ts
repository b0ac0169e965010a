/** All that the doctor goes by: an edge as verify sees it, and what stands behind it. */
import type { Connection } from "../../components/standing/connection";
import { lookFromOutside, type Outside, type Way } from "../outside";
import { domainsOf, type StandingEdge } from "../standingEdge";
import { type ClusterFacts, readCluster } from "./cluster";
import { type CredentialFacts, readCredentials } from "./credentials";
import { type DomainFacts, type Lookup, readDomain } from "./domains";
import { type Probe, probe } from "./probe";

/** What was seen of one edge. */
export interface Facts {
  edge: StandingEdge;
  outside: Outside;
  cluster: ClusterFacts;
  credentials: CredentialFacts[];
  domains: DomainFacts[];
  /** How the first address answers connections with a PROXY header of their own, and without. */
  probe: Probe | undefined;
}

/** How is looked; all but `ca` is for whoever looks otherwise than through the public internet. */
export interface Sight extends Way {
  lookup?: Lookup;
}

/** Reads side by side what is not known yet. Errors: `ConnectionError`; what else cannot be read is a fact itself. */
export const readFacts = async (cluster: Connection, edge: StandingEdge, sight: Sight = {}): Promise<Facts> => {
  const domains = domainsOf(edge);
  const [outside, inside, readDomains] = await Promise.all([
    lookFromOutside(edge, sight),
    readCluster(cluster, edge),
    Promise.all(domains.map((domain) => readDomain(domain, sight.lookup))),
  ]);
  const [credentials, probed] = await Promise.all([
    readCredentials(cluster, edge, readDomains),
    probe(outside, sight.ports?.https),
  ]);
  return { edge, outside, cluster: inside, credentials, domains: readDomains, probe: probed };
};
