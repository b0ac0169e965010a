/** Names, paths and addresses of the lab, in one place. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The name becomes part of the names of namespaces, control groups and directories. */
const checkedName = (given: string): string => {
  if (!/^[a-z][a-z0-9-]{0,20}$/.test(given))
    throw new Error(`LAB must be a short name such as edge, got "${given}" (lower case, digits and hyphens)`);
  return given;
};

/** The name of this lab. Two labs on one machine share only the cache. */
export const name = checkedName(process.env.LAB ?? "edge");

/** The clone that this file belongs to. */
export const clone = resolve(__dirname, "..");

/** Built programs, images, charts and the lab's CA. All labs and clones share them, keyed by their pins. */
export const cache =
  // Inside a lab, HOME is the lab's.
  process.env.LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "https-edge-lab");

/** The directory of all labs on the machine. It is not below /var/lib, because the node mounts an overlay there. */
export const labs = "/var/tmp/https-edge-lab";

/** Everything that a lab writes. The script lab/lab has this path too. */
export const run = join(labs, name);

export const log = join(run, "log");
export const kubeconfig = join(run, "admin.kubeconfig");

/** Pulumi's home with its state, and the file in place of its automatic logs (see cli/environment.ts). */
export const pulumiHome = join(run, "pulumi");
export const pulumiLogs = join(pulumiHome, "logs");

/** The one network namespace with a name, that of everything outside the cluster: the nodes' go with their nodes. */
export const namespace = `lab-${name}-outside`;

/** The control group of everything, in each hierarchy. */
export const group = `lab-${name}`;

/** A node of the cluster. */
export interface Node {
  name: string;
  /** Its label topology.kubernetes.io/zone. */
  zone: string;
  address: string;
  /** Its pods' addresses. */
  pods: string;
}

/** All of them. The first has the control plane beside its pods. */
export const nodes: [Node, ...Node[]] = [
  { name: "node-1", zone: "a", address: "198.51.100.11", pods: "10.244.1.0/24" },
  { name: "node-2", zone: "b", address: "198.51.100.12", pods: "10.244.2.0/24" },
];

export const network = {
  lab: "198.51.100.0/24",
  controlPlane: nodes[0].address,
  front: "198.51.100.20",
  dns: "198.51.100.53",
  /** The nodes' default route leads there, where what would leave is refused and counted. */
  gateway: "198.51.100.1",
  services: "10.96.0.0/16",
  apiService: "10.96.0.1",
  clusterDns: "10.96.0.10",
  /** All nodes' pods. */
  pods: "10.244.0.0/16",
  balancers: "203.0.113.0/24",
  /** With the same digits; only outside the cluster, which has IPv4 alone. */
  balancersIPv6: "2001:db8::203:0:113:0/112",
};

/** The lab's own certificate authority. It stands for those of the public web. */
export const ca = {
  certificate: join(cache, "ca", "ca.crt"),
  key: join(cache, "ca", "ca.key"),
  /** Mozilla's roots and the lab's. */
  bundle: join(cache, "ca", "bundle.crt"),
};

/** The hosts file (dns/hosts) and the zone files (dns/zones/<zone>.zone). The name server reads them again each second. */
export const dns = { hosts: join(run, "dns", "hosts"), zones: join(run, "dns", "zones") };

/** Roots of the two Let's Encrypts and of a firm's own CA, written when they are up. */
export const trust = {
  staging: join(run, "trust", "letsencrypt-staging.pem"),
  production: join(run, "trust", "letsencrypt-production.pem"),
  company: join(run, "trust", "company.pem"),
};

/**
 * A firm's own ACME server, which nobody in the lab trusts by itself. It binds accounts to external ones, and its certificates live for less
 * than a minute.
 */
export const companyCa = {
  host: "ca.company.example",
  port: 9000,
  directory: "https://ca.company.example:9000/dir",
  /** The file of the root that signed the server's own certificate. */
  root: join(run, "trust", "company-server.pem"),
  profile: "shortlived",
  /** Seconds. */
  lifetime: 40,
  eabKeyId: "edge",
  eabHmacKey: "lab-company-key-opens-nothing-anywhere-else-",
};
