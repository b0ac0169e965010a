/** A server of files, for a landing page that the proxies cannot hold. */
import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { webServer } from "./resources/webServer";
import { mirrored } from "./rules/mirror";
import { labels } from "./rules/names";
import { staticServerImage } from "./rules/versions";
import { index, notFound, type Site } from "./site";

/** Ports of the Service: for hosts that have the site, and for those where there is nothing. */
export const ports = { site: 80, nothing: 81 };

const app = "landing";
const mount = "/srv/landing";
const scratch = "/tmp";

/**
 * Name of the pods within themselves. It stands for their addresses, of whichever families those are: a pod without IPv6 could not listen on
 * `[::]`.
 */
const hostname = "landing";

/**
 * nginx with the files in a ConfigMap, whose name changes with them: pods with new files come before those with the old ones go.
 *
 * Returns the Service, and what it takes for it to answer.
 */
export const staticServer = (
  name: string,
  {
    site,
    namespace,
    mirror,
    askedBy,
  }: { site: Site; namespace: pulumi.Input<string>; mirror?: string; askedBy: Record<string, string> },
  opts: pulumi.CustomResourceOptions,
): { service: pulumi.Output<string>; answers: pulumi.Resource[] } => {
  const missing = site.has(notFound) ? notFound : index;
  // Keys of a ConfigMap have no slashes, and file names may have anything.
  const files = [...site].map(([path, content], nth) => ({ key: `file-${nth}`, path: `site/${path}`, content }));
  const data = { "nginx.conf": configuration(missing) };
  const binaryData = Object.fromEntries(files.map(({ key, content }) => [key, content.toString("base64")]));
  const paths = files.map(({ key, path }) => ({ key, path }));
  const digest = createHash("sha256")
    .update(JSON.stringify([data, binaryData, paths]))
    .digest("hex")
    .slice(0, 10);
  const configMap = new kubernetes.core.v1.ConfigMap(
    name,
    { metadata: { name: `${app}-${digest}`, namespace, labels }, data, binaryData, immutable: true },
    opts,
  );
  return webServer(
    name,
    {
      app,
      namespace,
      replicas: 2,
      image: mirrored(staticServerImage, mirror),
      command: ["nginx", "-e", "stderr", "-c", `${mount}/nginx.conf`],
      hostname,
      takesOver: true,
      ports: [
        { name: "site", port: ports.site, listens: 8080 },
        { name: "nothing", port: ports.nothing, listens: 8081 },
      ],
      ready: "/",
      memory: { request: "16Mi", limit: "64Mi" },
      askedBy,
      volumes: [
        {
          name: "site",
          path: mount,
          configMap: {
            name: configMap.metadata.name,
            items: [...Object.keys(data).map((key) => ({ key, path: key })), ...paths],
          },
        },
        { name: "scratch", path: scratch, emptyDir: { sizeLimit: "16Mi" } },
      ],
    },
    opts,
  );
};

/** https://nginx.org/en/docs/http/ngx_http_core_module.html */
const configuration = (missing: string): string => `daemon off;
worker_processes 1;
pid ${scratch}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  charset_types text/plain text/css text/xml text/javascript application/javascript application/json;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `  ${each}_temp_path ${scratch}/${each};`).join("\n")}
  access_log off;
  log_not_found off;
  server_tokens off;
  absolute_redirect off;
  # No two pods have the same ones, and nobody keeps an answer.
  etag off;
  if_modified_since off;
  root ${mount}/site;
  error_page 400 403 404 =404 /${missing};
  # Hosts that have the site.
  server {
    listen ${hostname}:8080;
  }
  # Hosts where there is nothing, but what the page that says so may need.
  server {
    listen ${hostname}:8081;
    location ~ (/|\\.html)$ { return 404; }
    location = /${missing} { internal; }
  }
}
`;
