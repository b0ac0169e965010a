/** The balancer's files. */
import { join } from "node:path";
import { dns, run } from "../../layout";
import { zone } from "./ingress";

export const directory = join(run, "balancer");
export const addresses = join(directory, "addresses.json");
export const zonePath = join(dns.zones, `${zone}.zone`);
export const files = {
  configuration: join(directory, "haproxy.cfg"),
  states: join(directory, "servers.state"),
  master: join(directory, "master.sock"),
  worker: join(directory, "worker.sock"),
};
