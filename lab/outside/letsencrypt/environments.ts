/** The two Let's Encrypts: a Pebble each, with a root and accounts of its own. */
import { join } from "node:path";
import { run, trust } from "../../layout";
import { host, ports } from "../../ports";

export interface Environment {
  name: string;
  port: number;
  managementPort: number;
  configuration: string;
  /** The file of its root. Clients of the edge trust it. */
  root: string;
}

export const directory = join(run, "letsencrypt");

const staging: Environment = {
  name: "letsencrypt-staging",
  port: ports.letsencryptStaging,
  managementPort: ports.letsencryptStagingManagement,
  configuration: join(directory, "staging.json"),
  root: trust.staging,
};

/** Requests reach it only through its rate limits. */
const production: Environment = {
  name: "letsencrypt-production",
  port: ports.letsencryptProduction,
  managementPort: ports.letsencryptProductionManagement,
  configuration: join(directory, "production.json"),
  root: trust.production,
};

export const environments = [staging, production];

/**
 * Let's Encrypt's default profile with its 90 days. There is no second one, because Pebble picks one at random for an order that names
 * none.
 */
const profiles = { classic: { description: "https://letsencrypt.org/docs/profiles#classic", validityPeriod: 7776000 } };

export const configuration = (environment: Environment, certificate: string, privateKey: string): string => {
  const pebble = {
    listenAddress: `${host}:${environment.port}`,
    managementListenAddress: `${host}:${environment.managementPort}`,
    certificate,
    privateKey,
    httpPort: 80,
    tlsPort: 443,
    externalAccountBindingRequired: false,
    retryAfter: { authz: 3, order: 5 },
    keyAlgorithm: "ecdsa",
    profiles,
  };
  return JSON.stringify({ pebble }, undefined, 2);
};
