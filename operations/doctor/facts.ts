/** All that the doctor goes by: an edge as verify sees it, and what stands behind it. */
import type { Connection } from "../../components/standing/connection";
import { type Asked, ask } from "../../components/standing/https";
import { lookFromOutside, type Outside, type Way } from "../outside";
import { domainsOf, type StandingEdge } from "../standingEdge";
import { type ClusterFacts, readCluster } from "./cluster";
import { type CredentialFacts, readCredentials } from "./credentials";
import { type DomainFacts, type Lookup, readDomain } from "./domains";

/** What was seen of one edge. */
export interface Facts {
  edge: StandingEdge;
  outside: Outside;
  cluster: ClusterFacts;
  credentials: CredentialFacts[];
  domains: DomainFacts[];
  /** How the first address answers a connection with a PROXY header of its own for the first host; undefined where there is nobody to ask. */
  withHeader: Asked | undefined;
}

/** How is looked; all but `ca` is for whoever looks otherwise than through the public internet. */
export interface Sight extends Way {
  lookup?: Lookup;
}

/** Milliseconds. */
const patience = 5_000;

/** Reads side by side what is not known yet. Errors: `ConnectionError`; what else cannot be read is a fact itself. */
export const readFacts = async (cluster: Connection, edge: StandingEdge, sight: Sight = {}): Promise<Facts> => {
  const domains = domainsOf(edge);
  const [outside, inside, readDomains] = await Promise.all([
    lookFromOutside(edge, { ...sight, strays: true }),
    readCluster(cluster, edge),
    Promise.all(domains.map((domain) => readDomain(domain, sight.lookup))),
  ]);
  const [credentials, asked] = await Promise.all([
    readCredentials(cluster, edge, readDomains),
    withHeader(outside, sight.ports?.https),
  ]);
  return { edge, outside, cluster: inside, credentials, domains: readDomains, withHeader: asked };
};

const withHeader = async (
  { hosts: [first], addresses: [address] }: Outside,
  port?: number,
): Promise<Asked | undefined> =>
  first && address !== undefined ? ask(address, first.host, { port, timeout: patience, withHeader: true }) : undefined;
