/** Writes pictures of the pages that the proxies answer into a folder of docs/. */
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answerHeaders, errorPages, html, landingPage, nothingHere, ownPolicy } from "../../components/rules/page";
import { meetRequirements } from "../cli/requirements";
import { clone } from "../layout";
import { browserPackage, see } from "./browser";

const pages = new Map([
  ["landing", landingPage({})],
  ["unclaimed", nothingHere],
  ...errorPages.map(({ status, body }): [string, string] => [`${status}`, body]),
]);

/** Which of them docs/ shows, and how. */
const shown = [
  ["landing", "light"],
  ["landing", "dark"],
  ["unclaimed", "light"],
  ["503", "dark"],
] as const;

const main = async (): Promise<void> => {
  await meetRequirements(browserPackage);
  const server = createServer(({ url = "/" }, response) => {
    const headers = answerHeaders(ownPolicy).map(({ name, value }): [string, string] => [name, value]);
    response.writeHead(200, [["Content-Type", html], ...headers].flat()).end(pages.get(url.slice(1)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = join(clone, "docs", "landing");
  await mkdir(folder, { recursive: true });
  for (const [name, scheme] of shown) {
    const [seen] = await see([`http://127.0.0.1:${port}/${name}`], [scheme]);
    if (!seen || seen.complaints.length > 0)
      throw new Error(`${name} must be shown without a complaint: ${seen?.complaints}`);
    const file = join(folder, `${name}-${scheme}.png`);
    await writeFile(file, seen.picture);
    console.log(file);
  }
  server.close();
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
