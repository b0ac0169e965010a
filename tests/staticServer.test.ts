import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../components/site";
import { staticServer } from "../components/staticServer";
import { type Deployment, deploy, types } from "./support/deploy";
import { labels as edgeLabels, names } from "./support/names";
import { restrictedContainer, restrictedPod } from "./support/pods";

const labels = { ...edgeLabels, app: "landing" };
const files = { "index.html": "<p>ü</p>", "images/a picture.png": "\x89PNG" };
const siteOf = (given: Record<string, string>): Site =>
  new Map(Object.entries(given).map(([path, content]) => [path, Buffer.from(content)]));
const run = (given: Record<string, string> = files): Promise<Deployment> =>
  deploy(() => {
    staticServer(
      "landing",
      { site: siteOf(given), namespace: pulumi.output("envoy-gateway"), askedBy: names.proxyLabels },
      {},
    );
  });

interface ConfigMap {
  metadata: { name: string; namespace: string };
  data: Record<string, string>;
  binaryData: Record<string, string>;
  immutable: boolean;
}
const configMapOf = (deployment: Deployment) => deployment.only(types.configMap).inputs as unknown as ConfigMap;
const podOf = (deployment: Deployment) =>
  (deployment.only(types.deployment).inputs.spec as { template: { spec: Record<string, unknown> } }).template.spec;

describe("The server of own landing pages", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await run();
  });

  it("has the files in a ConfigMap that nobody changes, under keys of its own", () => {
    const { metadata, binaryData, immutable, data } = configMapOf(deployment);
    assert.match(metadata.name, /^landing-[0-9a-f]{10}$/);
    assert.equal(immutable, true);
    assert.deepEqual(Object.keys(data), ["nginx.conf"]);
    assert.deepEqual(
      Object.entries(binaryData).map(([key, content]) => [key, Buffer.from(content, "base64").toString()]),
      [
        ["file-0", files["index.html"]],
        ["file-1", files["images/a picture.png"]],
      ],
    );
  });

  it("has another ConfigMap, and so other pods, when a file or its name changes, and the same for the same files", async () => {
    const nameOf = async (given: Record<string, string>): Promise<string> => {
      const found = await run(given);
      const { name } = configMapOf(found).metadata;
      assert.equal((podOf(found).volumes as { configMap: { name: string } }[])[0]?.configMap.name, name);
      return name;
    };
    const { "index.html": page, "images/a picture.png": picture } = files;
    const own = await nameOf(files);
    assert.equal(own, configMapOf(deployment).metadata.name);
    assert.notEqual(own, await nameOf({ ...files, "index.html": "<p>u</p>" }));
    assert.notEqual(own, await nameOf({ "index.html": page, "images/b.png": picture }));
  });

  it("runs nginx in two pods that may do nothing but listen and read", () => {
    const { replicas } = deployment.only(types.deployment).inputs.spec as { replicas: number };
    assert.equal(replicas, 2);
    assert.deepEqual(podOf(deployment), {
      hostname: "landing",
      ...restrictedPod({ app: "landing" }),
      containers: [
        {
          name: "landing",
          image: "docker.io/nginxinc/nginx-unprivileged:1.30.6-alpine-slim",
          command: ["nginx", "-e", "stderr", "-c", "/srv/landing/nginx.conf"],
          ports: [
            { name: "site", containerPort: 8080 },
            { name: "nothing", containerPort: 8081 },
          ],
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 2 },
          ...restrictedContainer,
          volumeMounts: [
            { name: "site", mountPath: "/srv/landing" },
            { name: "scratch", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        {
          name: "site",
          configMap: {
            name: configMapOf(deployment).metadata.name,
            items: [
              { key: "nginx.conf", path: "nginx.conf" },
              { key: "file-0", path: "site/index.html" },
              { key: "file-1", path: "site/images/a picture.png" },
            ],
          },
        },
        { name: "scratch", emptyDir: { sizeLimit: "16Mi" } },
      ],
    });
  });

  it("has a Service with a port for hosts that have the site, and one for those that have not", () => {
    assert.deepEqual(deployment.only(types.service).inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "landing",
        namespace: "envoy-gateway",
        labels,
      },
      spec: {
        selector: { app: "landing" },
        ports: [
          { name: "site", port: 80, targetPort: "site" },
          { name: "nothing", port: 81, targetPort: "nothing" },
        ],
      },
    });
  });

  it("answers what is not there by 404.html, and by index.html if there is none", async () => {
    const pageOf = (found: Deployment) =>
      /error_page 400 403 404 =404 (\S+);/.exec(configMapOf(found).data["nginx.conf"] ?? "")?.[1];
    assert.equal(pageOf(deployment), "/index.html");
    assert.equal(pageOf(await run({ ...files, "404.html": "<p>no</p>" })), "/404.html");
  });
});
