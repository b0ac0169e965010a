/** Sends plain HTTP to HTTPS. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Listener } from "./listener";
import { HTTPRouteFilter } from "./resources/customResources";
import { attachRoute } from "./route";
import { evaluatesExpressions, redirectsWithMethod, type VersionSet } from "./rules/versions";

/** How plain HTTP is sent to HTTPS. */
export interface RedirectArgs {
  /**
   * Status of the redirect: 301, after which clients send a POST again as a GET, or 308, after which they send it as it was.
   * @default 301
   */
  statusCode?: 301 | 308;
}

/** The setting `redirect`. */
export const redirectSetting = z.strictObject({
  statusCode: z.literal([301, 308]).optional(),
} satisfies { [K in keyof Required<RedirectArgs>]: z.ZodType });

/** What is wrong with the status beside the versions. */
export const checkStatusCode = ({ statusCode }: RedirectArgs, versions: VersionSet): string | undefined =>
  statusCode === 308 && !redirectsWithMethod(versions)
    ? `must be 301 with Gateway API ${versions.gatewayApi}, got 308 (its routes know 301 and 302 alone: leave it out, or take versions.set "current")`
    : undefined;

/** What the redirect is made of. */
export interface RedirectPartArgs extends RedirectArgs {
  listener: Listener;
  versions: VersionSet;
}

/**
 * A redirect to https for every host, with path and query kept: https://gateway-api.sigs.k8s.io/guides/user-guides/http-redirect-rewrite/
 *
 * A redirect of the Gateway API would keep a port that the client has in its Host, such as of a forwarded port, where nobody speaks HTTPS.
 */
export class Redirect extends pulumi.ComponentResource {
  constructor(name: string, args: RedirectPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Redirect", name, {}, opts);
    const { statusCode = 301, listener, versions } = args;
    const { namespace } = listener.parentRef;
    const toHttps = { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode } };
    const withoutPort = () => {
      const filter = new HTTPRouteFilter(
        name,
        {
          metadata: { name: routeName, namespace },
          spec: { directResponse: { statusCode, header: { set: [location] } } },
        },
        { parent: this },
      );
      const extensionRef = { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: filter.metadata.name };
      return { matches: [{ headers: [hostWithPort] }], filters: [{ type: "ExtensionRef", extensionRef }] };
    };
    attachRoute(
      name,
      {
        name: routeName,
        namespace,
        listener,
        rules: [{ filters: [toHttps] }, ...(evaluatesExpressions(versions) ? [withoutPort()] : [])],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

const routeName = "https-redirect";

const hostWithPort = { type: "RegularExpression", name: "Host", value: ".+:[0-9]*" };

/** By Envoy's command operators: https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter */
const location = {
  name: "Location",
  value: String.raw`https://%CEL(re.extract(request.host, "^(.+):[0-9]*$", "\\1"))%%REQ(:PATH)%`,
};
