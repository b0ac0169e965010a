/** The OCI registry that a chart comes from. */
import { setTimeout } from "node:timers/promises";
import { causeOf, clientFor, innermost, limit, toCheck } from "../standing/client";
import { edgeError } from "./error";

/** Milliseconds for each of two tries, and between them: together as long as a preview waits for a silent cluster. */
const timeout = 7_000;
const wait = 1_000;

/** Docker Hub is asked at another name: https://github.com/oras-project/oras-go/blob/v2.6.0/registry/reference.go#L240 */
const hosts: Record<string, string> = { "docker.io": "registry-1.docker.io" };

/** Node trusts other authorities than Helm, which goes by the system's: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = [
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
];

/**
 * Asks whether the registry of a chart is there, through the same proxy as Helm. Whatever it answers but a failure of its own means that it
 * is, 401 as well: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support. Whether it has the version is not
 * asked, since Docker Hub would first want a token.
 *
 * Errors: `chart … must be readable, got …`, with the cause of the second try.
 */
export const reach = async (chart: string, version: string): Promise<void> => {
  const registry = new URL(chart).host;
  const address = `https://${hosts[registry] ?? registry}/v2/`;
  const cause = (await silence(address)) && (await setTimeout(wait).then(() => silence(address)));
  if (cause)
    throw edgeError(
      `chart ${chart} ${version} must be readable, got ${address}: ${cause} (check ${toCheck(address)}, or wait until the registry is back: Helm reads the chart in every preview and up, changed or not)`,
    );
};

/** Why an address does not answer, or undefined when it does. */
const silence = async (address: string): Promise<string | undefined> => {
  try {
    const client = await clientFor(address);
    const { status, statusText, body } = await client(address, { signal: limit(timeout) });
    await body?.cancel();
    return status >= 500 ? `${status} ${statusText}`.trim() : undefined;
  } catch (error) {
    const inner = innermost(error);
    const code = inner instanceof Error && "code" in inner ? String(inner.code) : "";
    return untrusted.includes(code) ? undefined : causeOf(error, timeout);
  }
};
