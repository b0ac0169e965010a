/** HAProxy's configuration for the TLS front: one address, every name, routed by Host. */
import { host, ports } from "../../ports";
import { hostnames, type Upstream } from "./hostnames";

/** The token that auth.docker.io hands out and registry-1.docker.io requires. */
const token = "lab-pull-token";

export interface Front {
  address: string;
  port: number;
  /** A file with the certificate and then its key, as HAProxy requires. */
  pem: string;
}

export const configuration = (front: Front): string =>
  [head(front), ...routes(), ...backends()].join("\n").concat("\n");

const head = (front: Front): string => `global
  log stdout format raw local0
  maxconn 2000
defaults
  mode http
  log global
  option dontlognull
  option http-ignore-probes
  log-format "%ci %[capture.req.hdr(0)] %HM %HU %ST %Ta ms %[capture.req.hdr(1)]"
  timeout connect 5s
  timeout client 120s
  timeout server 120s
frontend tls
  bind ${front.address}:${front.port} ssl crt ${front.pem} alpn h2,http/1.1
  http-request capture req.hdr(host) len 64
  http-request capture req.hdr(user-agent) len 60
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-For %[src]
  http-request set-var(txn.host) req.hdr(host),field(1,:),lower`;

const routes = (): string[] => {
  const hosts = (upstream: Upstream) => Object.keys(hostnames).filter((name) => hostnames[name] === upstream);
  const upstreams = [...new Set(Object.values(hostnames))];
  return [
    ...upstreams.map((each) => `  use_backend ${each} if { var(txn.host) -m str ${hosts(each).join(" ")} }`),
    "  default_backend nobody",
  ];
};

const backends = (): string[] => {
  const server = (upstream: Upstream, port: number) => `  server ${upstream} ${host}:${port}`;
  const acme = (upstream: Upstream, port: number) =>
    `backend ${upstream}\n  http-request set-path /dir if { path /directory }\n${server(upstream, port)}`;
  return [
    acme("staging", ports.letsencryptStagingApi),
    acme("production", ports.letsencryptProductionApi),
    `backend cloudflare\n${server("cloudflare", ports.cloudflare)}`,
    docker(server("docker", ports.dockerHub)),
    `backend dockerToken
  http-request return status 200 content-type application/json string '{"token":"${token}","access_token":"${token}","expires_in":300,"issued_at":"2026-01-01T00:00:00Z"}' if { path /token }
  http-request return status 404`,
    "backend dockerSite\n  http-request redirect location https://www.docker.com/ code 301",
    `backend quay\n${server("quay", ports.quay)}`,
    `backend mirror\n${server("mirror", ports.mirror)}`,
    `backend files\n${server("files", ports.releases)}`,
    "backend nobody\n  http-request return status 421 content-type text/plain string 'not a name of the lab'",
  ];
};

/** Docker Hub requires a token for every pull, even for an anonymous one. Its 401 says where to get the token, and for which scope. */
const docker = (server: string): string => {
  const challenge = `Bearer realm=\\"https://auth.docker.io/token\\",service=\\"registry.docker.io\\"`;
  const unauthorized = (condition: string, scope: string) =>
    `  http-request return status 401 content-type application/json hdr Docker-Distribution-Api-Version registry/2.0 hdr WWW-Authenticate "${challenge}${scope}" string '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}' if !token ${condition}`;
  return `backend docker
  acl token req.hdr(authorization) -m str "Bearer ${token}"
  acl repository path_reg ^/v2/.+/(manifests|blobs|tags)/
  http-request set-var(txn.repository) 'path,regsub("^/v2/(.+)/(manifests|blobs|tags)/.*$","\\1")' if repository
${unauthorized("repository", `,scope=\\"repository:%[var(txn.repository)]:pull\\"`)}
${unauthorized("!repository", "")}
  http-request del-header authorization
${server}`;
};
