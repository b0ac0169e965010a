/** Release files as GitHub gives them out: a redirect to another host, and there the file. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";

const assets = "release-assets.githubusercontent.com";

/** Owner, repository, tag and file; plain characters, and no dot at the start: no path leads out of the directory. */
const download = /^\/([\w-][\w.-]*)\/([\w-][\w.-]*)\/releases\/download\/([\w-][\w.+-]*)\/([\w-][\w.+-]*)$/;

export function releaseServer(directory: string): Server {
  return createServer((request, response) => {
    answer(directory, request, response).catch((error: unknown) => {
      console.error(request.url, error);
      response.destroy();
    });
  });
}

async function answer(directory: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname: path } = new URL(request.url ?? "/", "http://localhost");
  const host = (request.headers.host ?? "").split(":")[0];
  const file = join(directory, path);
  const size = download.test(path) ? await fileSize(file) : undefined;
  if (size === undefined || !["GET", "HEAD"].includes(request.method ?? "")) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not Found");
  } else if (host !== assets) {
    response.writeHead(302, { location: `https://${assets}${path}`, "cache-control": "no-cache" }).end();
  } else {
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename=${basename(file)}`,
      "content-length": size,
    });
    if (request.method === "HEAD") response.end();
    else await pipeline(createReadStream(file), response);
  }
}

async function fileSize(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
