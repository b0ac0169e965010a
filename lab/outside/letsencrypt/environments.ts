/** The two Let's Encrypts: a Pebble each, with a root and accounts of its own. */
import { join } from "node:path";
import { run, trust } from "../../layout";
import { host, ports } from "../../ports";

export interface Environment {
  name: string;
  port: number;
  managementPort: number;
  configuration: string;
  /** Where its root is written, for those who judge what the edge serves. */
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

/** Not asked directly: its rate limits stand before it. */
const production: Environment = {
  name: "letsencrypt-production",
  port: ports.letsencryptProduction,
  managementPort: ports.letsencryptProductionManagement,
  configuration: join(directory, "production.json"),
  root: trust.production,
};

export const environments = [staging, production];

/**
 * Let's Encrypt's profile by default, with its 90 days. No second profile: Pebble picks one at random for an order that
 * names none.
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
