import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { releaseServer } from "./server";

const path = "/kubernetes-sigs/gateway-api/releases/download/v1.6.3/standard-install.yaml";

const crd = "/envoyproxy/gateway/v1.3.3/charts/gateway-helm/crds/generated/gateway.envoyproxy.io_backends.yaml";

describe("Release files", () => {
  let directory = "";
  let server: Server;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "releases-"));
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), "kind: CustomResourceDefinition\n");
    await writeFile(join(directory, "kubernetes-sigs", "secret"), "not to be served");
    await mkdir(join(directory, "raw", crd, ".."), { recursive: true });
    await writeFile(join(directory, "raw", crd), "kind: CustomResourceDefinition\n");
    server = releaseServer(directory).listen(0, "127.0.0.1");
  });
  after(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  const ask = (host: string, path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      get({ host: "127.0.0.1", port, path, headers: { host }, agent: false }, resolve).on("error", reject);
    });

  it("are redirected from github.com", async () => {
    const response = await ask("github.com", path);
    assert.equal(response.statusCode, 302);
    assert.equal(response.headers.location, `https://release-assets.githubusercontent.com${path}`);
  });

  it("are given out by the other host, as attachments", async () => {
    const response = await ask("release-assets.githubusercontent.com", path);
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers["content-type"], "application/octet-stream");
    assert.equal(response.headers["content-disposition"], "attachment; filename=standard-install.yaml");
    assert.equal(await text(response), "kind: CustomResourceDefinition\n");
  });

  it("of a tag are plain text on a host of their own, and on no other", async () => {
    const response = await ask("raw.githubusercontent.com", crd);
    assert.deepEqual([response.statusCode, response.headers["content-type"]], [200, "text/plain; charset=utf-8"]);
    assert.equal(await text(response), "kind: CustomResourceDefinition\n");
    for (const [host, missing] of [
      ["github.com", crd],
      ["raw.githubusercontent.com", path],
      ["raw.githubusercontent.com", `${crd}/../../../../../../../../secret`],
      ["raw.githubusercontent.com", crd.replace("v1.3.3", ".")],
    ] as const) {
      const refused = await ask(host, missing);
      assert.equal(refused.statusCode, 404, missing);
      refused.resume();
    }
  });

  for (const missing of [
    path.replace("v1.6.3", "v9.9.9"),
    path.replace("/standard-install.yaml", ""),
    "/kubernetes-sigs/secret",
    "/a/b/releases/download/../../../../kubernetes-sigs/secret",
    "/a/b/releases/download/v1/..%2f..%2fsecret",
    "/%",
    "/",
  ]) {
    it(`are not found at ${missing}`, async () => {
      const response = await ask("github.com", missing);
      assert.equal(response.statusCode, 404);
      response.resume();
    });
  }
});
