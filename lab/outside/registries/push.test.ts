import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { output } from "../../tools/process";
import { artifact, tag } from "./chart";
import { push } from "./push";

const description = "apiVersion: v2\nname: gateway\nversion: 1.2.3+build\ndescription: A chart\n";

/** A registry that takes a push and checks its digests. */
const registry = (blobs: Map<string, Buffer>, manifests: Map<string, Buffer>): Server => {
  const answer = (method: string, { pathname, searchParams }: URL, type: string, body: Buffer) => {
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (method === "POST" && pathname === "/v2/acme/charts/gateway/blobs/uploads/") return 202;
    if (method === "PUT" && pathname === "/upload/1" && searchParams.get("state") === "x") {
      blobs.set(digest, body);
      return searchParams.get("digest") === digest ? 201 : 400;
    }
    if (method === "PUT" && type === "application/vnd.oci.image.manifest.v1+json") {
      manifests.set(pathname, body);
      return 201;
    }
    return 404;
  };
  return createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const body = await buffer(request);
    const status = answer(method, new URL(url, "http://registry"), headers["content-type"] ?? "", body);
    response.writeHead(status, { location: "/upload/1?state=x" }).end();
  });
};

describe("Pushing a chart", () => {
  let directory = "";
  let file = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "chart-"));
    file = join(directory, "gateway.tgz");
    await mkdir(join(directory, "gateway", "charts", "crds"), { recursive: true });
    await writeFile(join(directory, "gateway", "Chart.yaml"), description);
    await writeFile(join(directory, "gateway", "charts", "crds", "Chart.yaml"), "name: crds\n");
    await output(["tar", "-czf", file, "-C", directory, "gateway"]);
  });
  after(() => rm(directory, { recursive: true }));

  const pushTo = async (server: Server) => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const chart = { file, repository: "quay.io/acme/charts/gateway", version: "1.2.3+build" };
    await push(`http://127.0.0.1:${port}`, chart).finally(() => server.close());
  };

  it("stores what helm looks for: Chart.yaml as the config, and the archive", async () => {
    const blobs = new Map<string, Buffer>();
    const manifests = new Map<string, Buffer>();
    await pushTo(registry(blobs, manifests));

    const [[path, manifest] = ["", Buffer.from("")]] = manifests;
    assert.equal(path, "/v2/acme/charts/gateway/manifests/1.2.3_build");
    const { config, layers, annotations } = JSON.parse(manifest.toString());
    assert.equal(config.mediaType, "application/vnd.cncf.helm.config.v1+json");
    assert.deepEqual(JSON.parse(blobs.get(config.digest)?.toString() ?? ""), {
      apiVersion: "v2",
      name: "gateway",
      version: "1.2.3+build",
      description: "A chart",
    });
    assert.equal(layers.length, 1);
    assert.equal(layers[0].mediaType, "application/vnd.cncf.helm.chart.content.v1.tar+gzip");
    assert.equal(blobs.get(layers[0].digest)?.length, layers[0].size);
    assert.equal(annotations["org.opencontainers.image.title"], "gateway");
  });

  it("says what the registry answered when it refuses", async () => {
    const broken = createServer((_request, response) => response.writeHead(500).end("disk full"));
    await assert.rejects(pushTo(broken), /POST .*\/blobs\/uploads\/: 500 disk full/);
  });

  it("gives the same chart the same digests", async () => {
    assert.deepEqual((await artifact(file)).manifest, (await artifact(file)).manifest);
    assert.equal(tag("v1.9.1"), "v1.9.1");
  });
});
