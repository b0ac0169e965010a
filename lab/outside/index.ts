/** Everything that answers outside the cluster. */
import type { Programs, Service } from "../service";
import * as balancer from "./balancer";
import * as cloudflare from "./cloudflare";
import * as dns from "./dns";
import * as front from "./front";
import * as letsencrypt from "./letsencrypt";
import * as registries from "./registries";

/** One that answers: what it prepares, what it runs, and what it does once that runs. */
export interface Outside {
  services(programs: Programs): Service[];
  prepare?(): Promise<void>;
  afterStart?(): Promise<void>;
}

/** All of them, in no order: none needs another to start. */
export const outsides: Outside[] = [dns, front, letsencrypt, registries, cloudflare, balancer];
