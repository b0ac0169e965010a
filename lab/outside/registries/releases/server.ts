/** Serves files as GitHub does: those of a release by a redirect to another host, and those of a tag as plain text. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Server } from "node:http";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { Hono } from "hono";
import { serverOf } from "../../../tools/http";

const assets = "release-assets.githubusercontent.com";
const raw = "raw.githubusercontent.com";

/**
 * Owner, repository, tag and file. The characters are plain and none of the four begins with a dot, so that no path leaves the directory.
 */
const download = /^\/([\w-][\w.-]*)\/([\w-][\w.-]*)\/releases\/download\/([\w-][\w.+-]*)\/([\w-][\w.+-]*)$/;

/** Owner, repository, tag, and the path in it. */
const tagged = /^\/([\w-][\w.-]*)\/([\w-][\w.-]*)\/([\w-][\w.+-]*)(\/[\w-][\w.-]*)+$/;

export const releaseServer = (directory: string): Server => {
  const app = new Hono();
  app.get("*", async (call) => {
    const { pathname: path } = new URL(call.req.url);
    const host = call.req.header("host")?.split(":")[0];
    const isRaw = host === raw;
    const file = join(directory, isRaw ? "raw" : "", path);
    const size = (isRaw ? tagged : download).test(path) ? await fileSize(file) : undefined;
    if (size === undefined) return call.notFound();
    if (!isRaw && host !== assets) {
      call.header("cache-control", "no-cache");
      return call.redirect(`https://${assets}${path}`);
    }
    // Hono drops the body of an answer to HEAD, but would leave the file open.
    const content = call.req.method === "HEAD" ? null : Readable.toWeb(createReadStream(file));
    const headers = {
      ...(isRaw
        ? { "content-type": "text/plain; charset=utf-8" }
        : {
            "content-type": "application/octet-stream",
            "content-disposition": `attachment; filename=${basename(file)}`,
          }),
      "content-length": String(size),
    };
    return new Response(content, { headers });
  });
  app.notFound((call) => call.text("Not Found", 404));
  return serverOf(app);
};

const fileSize = async (file: string): Promise<number | undefined> => {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
};
