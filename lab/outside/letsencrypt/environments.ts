/** The ACME servers: the two Let's Encrypts and a firm's own CA, a Pebble each, with a root and accounts of its own. */
import { join } from "node:path";
import { ca, companyCa, network, run, trust } from "../../layout";
import { host, ports } from "../../ports";

export interface Environment {
  name: string;
  /** Address and port that it listens at, and the name in its own certificate. */
  address: string;
  port: number;
  servername: string;
  /** The file of the root that signed its own certificate. */
  ca: string;
  managementPort: number;
  configuration: string;
  /** The file of the root of what it issues. Clients of the edge trust it. */
  root: string;
  /** Its profiles, with the seconds that their certificates live. There is one each, because Pebble picks one at random for an order that names none. */
  profiles: Record<string, number>;
  /** Keys of the external accounts that it asks for, by their ids; none when it asks for none. */
  externalAccounts: Record<string, string>;
  /** Percentage of the authorizations that it takes again. */
  reuse: number;
}

export const directory = join(run, "letsencrypt");

/** Behind the front's TLS and what is in api/, and with Let's Encrypt's default profile and its 90 days. */
const letsEncrypt = { address: host, servername: "localhost", ca: ca.certificate, profiles: { classic: 7776000 } };

const staging: Environment = {
  ...letsEncrypt,
  name: "letsencrypt-staging",
  port: ports.letsencryptStaging,
  managementPort: ports.letsencryptStagingManagement,
  configuration: join(directory, "staging.json"),
  root: trust.staging,
  externalAccounts: {},
  reuse: 50,
};

const production: Environment = {
  ...staging,
  name: "letsencrypt-production",
  port: ports.letsencryptProduction,
  managementPort: ports.letsencryptProductionManagement,
  configuration: join(directory, "production.json"),
  root: trust.production,
};

/** Spoken to directly: the front's certificate is one that the whole lab trusts. */
const company: Environment = {
  name: "company-ca",
  address: network.front,
  port: companyCa.port,
  servername: companyCa.host,
  ca: companyCa.root,
  managementPort: ports.companyCaManagement,
  configuration: join(directory, "company.json"),
  root: trust.company,
  profiles: { [companyCa.profile]: companyCa.lifetime },
  externalAccounts: { [companyCa.eabKeyId]: companyCa.eabHmacKey },
  // A renewal needs no challenge, as at Let's Encrypt within 30 days.
  reuse: 100,
};

export const environments = [staging, production, company];

/** Let's Encrypt's servers, without the firm's. */
export const letsEncrypts = [staging, production];
export { company };

export const configuration = (environment: Environment, certificate: string, privateKey: string): string => {
  const { externalAccounts } = environment;
  const profiles = Object.entries(environment.profiles).map(([name, validityPeriod]) => [
    name,
    { description: `https://letsencrypt.org/docs/profiles#${name}`, validityPeriod },
  ]);
  const pebble = {
    listenAddress: `${environment.address}:${environment.port}`,
    managementListenAddress: `${host}:${environment.managementPort}`,
    certificate,
    privateKey,
    httpPort: 80,
    tlsPort: 443,
    externalAccountBindingRequired: Object.keys(externalAccounts).length > 0,
    externalAccountMACKeys: externalAccounts,
    retryAfter: { authz: 3, order: 5 },
    keyAlgorithm: "ecdsa",
    profiles: Object.fromEntries(profiles),
  };
  return JSON.stringify({ pebble }, undefined, 2);
};
