/** Ports of everything outside the cluster. All listen on the loopback of their own namespace, and most are behind the front's TLS. */
export const host = "127.0.0.1";

export const ports = {
  dockerHub: 5001,
  quay: 5002,
  mirror: 5003,
  cloudflare: 8001,
  cloudflareControl: 8002,
  releases: 8003,
  balancer: 8004,
  letsencryptStaging: 14000,
  letsencryptProduction: 14100,
  /** What all requests to the two pass: production's rate limits, and faults on demand. */
  letsencryptStagingApi: 14001,
  letsencryptProductionApi: 14101,
  letsencryptControl: 14201,
  letsencryptStagingManagement: 15000,
  letsencryptProductionManagement: 15100,
  companyCaManagement: 15200,
};

export const urlOf = (port: number): string => `http://${host}:${port}`;

/** The fake Cloudflare's control port. The real Cloudflare has none. */
export const controlUrl = urlOf(ports.cloudflareControl);

/** The control port of what stands in front of the Pebbles. */
export const acmeControlUrl = urlOf(ports.letsencryptControl);
