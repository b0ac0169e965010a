/** The names that the edge talks to on the internet, and what answers for each. */
export type Upstream =
  | "staging"
  | "production"
  | "cloudflare"
  | "docker"
  | "dockerToken"
  | "dockerSite"
  | "quay"
  | "files";

export const names: Record<string, Upstream> = {
  "acme-staging-v02.api.letsencrypt.org": "staging",
  "acme-v02.api.letsencrypt.org": "production",
  "api.cloudflare.com": "cloudflare",
  "registry-1.docker.io": "docker",
  "auth.docker.io": "dockerToken",
  "docker.io": "dockerSite",
  "quay.io": "quay",
  "github.com": "files",
  "release-assets.githubusercontent.com": "files",
};

/** Where each answers on loopback; what is missing here is answered by the front itself. */
export const ports: Partial<Record<Upstream, number>> = {
  staging: 14000,
  production: 14101,
  cloudflare: 8001,
  docker: 5001,
  quay: 5002,
  files: 8003,
};
