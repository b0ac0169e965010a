/** Sends plain HTTP to HTTPS. */
import * as pulumi from "@pulumi/pulumi";
import { accepted, HTTPRoute } from "./customResources";
import type { ParentRef } from "./gateway";

/** A 301 to https for every host, with path and query kept: https://gateway-api.sigs.k8s.io/guides/user-guides/http-redirect-rewrite/ */
export class Redirect extends pulumi.ComponentResource {
  constructor(
    name: string,
    { parentRef }: { parentRef: pulumi.Output<ParentRef> },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Redirect", name, {}, opts);
    new HTTPRoute(
      name,
      {
        metadata: { name: "https-redirect", namespace: parentRef.namespace, annotations: accepted },
        spec: {
          parentRefs: [parentRef],
          rules: [
            {
              filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }],
            },
          ],
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
