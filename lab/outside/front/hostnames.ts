/** The hosts of the internet that the edge talks to, and what answers for each. */
export type Upstream =
  | "staging"
  | "production"
  | "cloudflare"
  | "docker"
  | "dockerToken"
  | "dockerSite"
  | "quay"
  | "mirror"
  | "files";

export const hostnames: Record<string, Upstream> = {
  "acme-staging-v02.api.letsencrypt.org": "staging",
  "acme-v02.api.letsencrypt.org": "production",
  "api.cloudflare.com": "cloudflare",
  "registry-1.docker.io": "docker",
  "auth.docker.io": "dockerToken",
  "docker.io": "dockerSite",
  "quay.io": "quay",
  // A firm's own, which has copies of what the public ones have.
  "registry.company.example": "mirror",
  "github.com": "files",
  "release-assets.githubusercontent.com": "files",
  "raw.githubusercontent.com": "files",
};
