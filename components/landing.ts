/** The page for every host that no route claims. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Listener } from "./listener";
import { HTTPRouteFilter } from "./resources/customResources";
import { attachRoute } from "./route";
import { longestPage, type VersionSet } from "./rules/versions";

/** What the landing page says on the apex. Unclaimed hosts get a page of the same look, with status 404. */
export interface LandingArgs {
  /**
   * Title of the page.
   * @default "It works"
   */
  title?: string;
  /**
   * Text below the title. The whole page may have 512 KiB, and 4 KiB with the set `guide`.
   * @default - a hint to attach an HTTPRoute
   */
  text?: string;
}

/** The setting `landing`. */
export const landingSetting = z.strictObject({
  title: z.string().optional(),
  text: z.string().optional(),
} satisfies { [K in keyof Required<LandingArgs>]: z.ZodType });

/**
 * Answers from the proxies themselves, without a pod: 200 on the apex, 404 with a page of the same look on hosts nobody has claimed.
 * A route with a host of its own always wins, since the more specific hostname does:
 * https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
 */
export class Landing extends pulumi.ComponentResource {
  constructor(name: string, args: LandingArgs & { listener: Listener }, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Landing", name, {}, opts);
    const { listener } = args;
    const { domains, parentRef } = listener;
    const namespace = parentRef.namespace;

    const answer = (which: string, statusCode: number, hostnames: string[], body: string) => {
      const filter = new HTTPRouteFilter(
        `${name}-${which}`,
        {
          metadata: { name: `landing-${which}`, namespace },
          spec: {
            directResponse: {
              contentType: "text/html; charset=utf-8",
              statusCode,
              body: { type: "Inline", inline: body },
            },
          },
        },
        { parent: this },
      );
      const extensionRef = { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: filter.metadata.name };
      attachRoute(
        `${name}-${which}`,
        {
          name: `landing-${which}`,
          namespace,
          listener,
          hostnames,
          rules: [{ filters: [{ type: "ExtensionRef", extensionRef }] }],
        },
        { parent: this },
      );
    };

    answer("apex", 200, domains, page(args));
    const wildcards = domains.map((domain) => `*.${domain}`);
    answer("unclaimed", 404, wildcards, page({ title: "Nothing here", text: "No application has claimed this name." }));
    this.registerOutputs({});
  }
}

/** What is wrong with the page for the apex, which the proxies must be able to hold. */
export const checkLanding = (args: LandingArgs, versions: VersionSet): string | undefined => {
  const bytes = Buffer.byteLength(page(args));
  const most = longestPage(versions);
  return bytes > most
    ? `must make a page of at most ${most} bytes with Envoy Gateway ${versions.envoyGateway}, got ${bytes} (shorten landing.title or landing.text)`
    : undefined;
};

const page = ({
  title = "It works",
  text = "HTTPS is up. Attach an HTTPRoute to serve something here.",
}: LandingArgs): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem; color-scheme: light dark }</style>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
</html>
`;

/** HTML's own characters, and the percent sign, with which Envoy's command operators start. */
const escapeHtml = (text: string): string => text.replace(/[&<>"'%]/g, (character) => `&#${character.charCodeAt(0)};`);
