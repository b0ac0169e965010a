import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { mock } from "node:test";
import promises from "node:timers/promises";
import { reach } from "../components/resources/registry";
import { setProxies } from "./support/proxies";

/** What is asked, answered by a status or failed by a cause. The last one is given for ever. */
type Ending = number | Error;

const caused = (message: string, code: string): Error => Object.assign(new Error(message), { code });
const unknownName = caused("getaddrinfo ENOTFOUND quay.io", "ENOTFOUND");

describe("A chart's registry", () => {
  let asked: string[];
  let waits: number[];
  let restore: () => void;
  beforeEach(() => {
    [asked, waits] = [[], []];
    restore = setProxies();
    mock.method(promises, "setTimeout", async (wait: number) => {
      waits.push(wait);
    });
  });
  afterEach(() => {
    mock.restoreAll();
    restore();
  });

  const answering = (...endings: Ending[]): void => {
    mock.method(globalThis, "fetch", async (address: string) => {
      const ending = endings[Math.min(asked.push(address), endings.length) - 1];
      if (typeof ending === "number") return new Response(null, { status: ending, statusText: "Told" });
      throw new TypeError("fetch failed", { cause: ending });
    });
  };
  const certManager = () => reach("oci://quay.io/jetstack/charts/cert-manager", "v1.21.2");
  const message = (cause: string, check = "network access"): string =>
    `chart oci://quay.io/jetstack/charts/cert-manager v1.21.2 must be readable, got https://quay.io/v2/: ${cause} (check ${check}, or wait until the registry is back: Helm reads the chart in every preview and up, changed or not)`;

  for (const status of [200, 401, 403, 404, 429]) {
    it(`is there when it answers ${status}, and is asked once`, async () => {
      answering(status);
      await certManager();
      assert.deepEqual([asked, waits], [["https://quay.io/v2/"], []]);
    });
  }

  it("of Docker Hub is asked where Helm asks it", async () => {
    answering(401);
    await reach("oci://docker.io/envoyproxy/gateway-helm", "v1.9.1");
    assert.deepEqual(asked, ["https://registry-1.docker.io/v2/"]);
  });

  for (const [what, ending] of [
    ["does not answer", unknownName],
    ["fails (503)", 503],
  ] as const)
    it(`that ${what} is asked a second time`, async () => {
      answering(ending, 401);
      await certManager();
      assert.deepEqual([asked.length, waits], [2, [1_000]]);
    });

  for (const [what, ending, cause] of [
    ["whose name is unknown", unknownName, "getaddrinfo ENOTFOUND quay.io"],
    ["that fails", 503, "503 Told"],
    ["that is silent", new DOMException("aborted", "TimeoutError"), "no answer in 7 s"],
    [
      "that shows the certificate of somebody else",
      caused("Hostname/IP does not match certificate's altnames", "ERR_TLS_CERT_ALTNAME_INVALID"),
      "Hostname/IP does not match certificate's altnames",
    ],
  ] as const)
    it(`${what} is given up after the second try, with the cause and the way out`, async () => {
      answering(ending);
      await assert.rejects(certManager(), { message: message(cause) });
      assert.equal(asked.length, 2);
    });

  it("whose authority only the system trusts is left to Helm, which goes by the system", async () => {
    answering(caused("unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"));
    await certManager();
    assert.equal(asked.length, 1);
  });

  it("is asked through the proxy, which the error names when it fails", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client) => {
      tunnels.push(url);
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    restore();
    restore = setProxies({ HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    await assert.rejects(certManager(), /got https:\/\/quay\.io\/v2\/: .* \(check network access and HTTPS_PROXY, or/);
    assert.deepEqual(tunnels, ["quay.io:443", "quay.io:443"]);
    proxy.closeAllConnections();
    proxy.close();
  });
});
