/** Where everything of the lab is: names, paths and addresses, in one place. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Two labs on one machine have two names, and share nothing but the cache. */
export const name = checkedName(process.env.LAB ?? "edge");

/** The clone that this file belongs to. */
export const clone = resolve(__dirname, "..");

/** Built programs, images, charts and the lab's CA: kept, shared by all labs and clones, keyed by their pins. */
export const cache =
  // Inside a lab, home is another.
  process.env.LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "https-edge-lab");

/** Of all the labs of the machine. Not below /var/lib, over which the node lays an overlay. */
export const labs = "/var/tmp/https-edge-lab";

/** Everything that a run writes; lab/lab has this path too. */
export const run = join(labs, name);

export const log = join(run, "log");
export const kubeconfig = join(run, "admin.kubeconfig");

/** Pulumi's own directory, with its state, and what stands in the place of its automatic log: see cli/environment.ts. */
export const pulumiHome = join(run, "pulumi");
export const pulumiLogs = join(pulumiHome, "logs");

/** Network namespaces: the node's, and the one of everything outside the cluster. */
export const namespaces = { node: `lab-${name}`, outside: `lab-${name}-outside` };

export const network = {
  lab: "198.51.100.0/24",
  node: "198.51.100.10",
  front: "198.51.100.20",
  dns: "198.51.100.53",
  /** Nobody: the node's default route leads there, so that what would leave is refused and counted. */
  gateway: "198.51.100.1",
  services: "10.96.0.0/16",
  apiService: "10.96.0.1",
  clusterDns: "10.96.0.10",
  pods: "10.244.0.0/24",
  balancers: "203.0.113.0/24",
  /** With the same digits; only outside the cluster, which has IPv4 alone. */
  balancersIPv6: "2001:db8::203:0:113:0/112",
};

/** The lab's own certificate authority, which stands for the public web's. */
export const ca = {
  certificate: join(cache, "ca", "ca.crt"),
  key: join(cache, "ca", "ca.key"),
  /** The machine's roots and the lab's. */
  bundle: join(cache, "ca", "bundle.crt"),
};

/** Names served with a hosts file (dns/hosts) and zones served from files (dns/zones/<zone>.zone), read again each second. */
export const dns = { hosts: join(run, "dns", "hosts"), zones: join(run, "dns", "zones") };

/** Roots of the two Let's Encrypts, written when they are up. */
export const trust = {
  staging: join(run, "trust", "letsencrypt-staging.pem"),
  production: join(run, "trust", "letsencrypt-production.pem"),
};

/** Names become those of namespaces, groups and directories. */
function checkedName(given: string): string {
  if (!/^[a-z][a-z0-9-]{0,20}$/.test(given) || given.endsWith("-outside"))
    throw new Error(
      `LAB must be a short name such as edge, got "${given}" (lower case, digits and hyphens, not ending in -outside)`,
    );
  return given;
}
