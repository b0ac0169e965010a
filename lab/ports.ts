/** Where everything outside the cluster listens: on loopback of a namespace of its own, with the front's TLS before most. */
export const host = "127.0.0.1";

export const ports = {
  dockerHub: 5001,
  quay: 5002,
  cloudflare: 8001,
  cloudflareControl: 8002,
  releases: 8003,
  balancer: 8004,
  letsencryptStaging: 14000,
  letsencryptProduction: 14100,
  /** The rate limits, through which alone production is asked. */
  letsencryptLimits: 14101,
  letsencryptStagingManagement: 15000,
  letsencryptProductionManagement: 15100,
};

export const urlOf = (port: number): string => `http://${host}:${port}`;

/** The fake Cloudflare's own door, which the real one does not have. */
export const controlUrl = urlOf(ports.cloudflareControl);
