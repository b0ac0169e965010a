/** Everything that answers outside the cluster. */
import type { Programs, Service } from "../service";
import * as balancer from "./balancer";
import * as cloudflare from "./cloudflare";
import * as dns from "./dns";
import * as front from "./front";
import * as letsencrypt from "./letsencrypt";
import * as registries from "./registries";

/** Something outside the cluster: what it prepares, the services that it runs, and what it does once they run. */
export interface Outside {
  services(programs: Programs): Service[];
  prepare?(): Promise<void>;
  afterStart?(): Promise<void>;
}

/** All of them, in no particular order. None needs another to start. */
export const outsides: Outside[] = [dns, front, letsencrypt, registries, cloudflare, balancer];
