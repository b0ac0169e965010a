/** Pushes a chart over the registry's HTTP API: two blobs, then the manifest under its tag. */
import type { Chart } from "../../programs/charts";
import { artifact, type Blob, manifestType, tag } from "./chart";

/** `registry` is a URL. Only the path of the chart's repository counts there. */
export const push = async (registry: string, chart: Chart): Promise<void> => {
  const path = chart.repository.slice(chart.repository.indexOf("/") + 1);
  const repository = `${registry}/v2/${path}`;
  const { config, layer, manifest } = await artifact(chart.file);
  await pushBlob(repository, config);
  await pushBlob(repository, layer);
  const put = { method: "PUT", headers: { "content-type": manifestType }, body: Uint8Array.from(manifest) };
  await send(`${repository}/manifests/${tag(chart.version)}`, put, 201);
};

const pushBlob = async (repository: string, blob: Blob): Promise<void> => {
  const upload = await send(`${repository}/blobs/uploads/`, { method: "POST" }, 202);
  const location = new URL(upload.headers.get("location") ?? "", repository);
  location.searchParams.set("digest", blob.digest);
  const headers = { "content-type": "application/octet-stream" };
  await send(location, { method: "PUT", headers, body: Uint8Array.from(blob.content) }, 201);
};

const send = async (url: string | URL, request: RequestInit, expected: number): Promise<Response> => {
  const response = await fetch(url, request);
  const body = await response.text();
  if (response.status !== expected) throw new Error(`${request.method} ${url}: ${response.status} ${body}`);
  return response;
};
