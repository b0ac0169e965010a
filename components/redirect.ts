/** Sends plain HTTP to HTTPS. */
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "./listener";
import { attachRoute } from "./route";

/** A 301 to https for every host, with path and query kept: https://gateway-api.sigs.k8s.io/guides/user-guides/http-redirect-rewrite/ */
export class Redirect extends pulumi.ComponentResource {
  constructor(name: string, { listener }: { listener: Listener }, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Redirect", name, {}, opts);
    const toHttps = { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } };
    attachRoute(
      name,
      {
        name: "https-redirect",
        namespace: listener.parentRef.namespace,
        listener,
        rules: [{ filters: [toHttps] }],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
