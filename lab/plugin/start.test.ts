import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { startReady } from "../tools/process";
import { bundlePlugin } from "./bundle";

const { version }: { version: string } = require("@pulumi/cloudflare/package.json");

describe("pulumi-resource-cloudflare", () => {
  it("prints its port first, from whatever folder it is started, and has the version of @pulumi/cloudflare", async () => {
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
    const program = join(await mkdtemp(join(tmpdir(), "plugin-")), "pulumi-resource-cloudflare");
    await bundlePlugin(program);
    const command = [program, "127.0.0.1:1"];
    const { firstLine: port, stop, ended } = await startReady(command, { cwd: tmpdir(), env: { PATH } });
    try {
      const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
      const info = await new Promise<PluginInfo>((resolve, reject) => {
        client.getPluginInfo(new Empty(), (error, info) => (error ? reject(error) : resolve(info)));
      });
      assert.equal(info.getVersion(), version);
      client.close();
    } finally {
      stop();
      await ended;
      await rm(dirname(program), { recursive: true });
    }
  });
});
