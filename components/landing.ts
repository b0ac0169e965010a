/** The page for every host that no route claims. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Listener } from "./listener";
import { HTTPRouteFilter } from "./resources/customResources";
import { attachRoute } from "./route";
import { checkContentSecurityPolicy } from "./rules/checks";
import type { Names } from "./rules/names";
import { answerHeaders, asBody, foreignPolicy, html, landingPage, nothingHere, ownPolicy } from "./rules/page";
import { text } from "./rules/problems";
import { longestPage, type VersionSet } from "./rules/versions";
import { type Found, foundFor, index, readFolder, readPage, type Site } from "./site";
import { ports, staticServer } from "./staticServer";

/** What hosts without an application answer; docs/landing.md tells all of it. */
export interface LandingArgs {
  /**
   * Title of the default page on the apex.
   * @default "It works"
   */
  title?: string;
  /**
   * Text below the title. The whole page may have 512 KiB, and 4 KiB with the set `guide`.
   * @default - a hint to attach an HTTPRoute
   */
  text?: string;
  /**
   * Path of an HTML file of your own that needs no other, in place of the default page.
   * @default - the default page
   */
  page?: string;
  /**
   * Path of a folder of your own, with an `index.html` and all that it needs, and a `404.html` if you like; 1 MiB in all. Two pods serve it.
   * @default - the default page
   */
  folder?: string;
  /**
   * Status of hosts that nobody has claimed: 404, or 200 to have them answer as the apex does.
   * @default 404
   */
  status?: 404 | 200;
  /**
   * Whether search engines are asked to leave the apex out; hosts that nobody has claimed always are.
   * @default - true for the default page, false for your own
   */
  noindex?: boolean;
  /**
   * Content-Security-Policy of your own page or folder.
   * @default - files of its own host, styles within the page, `data:` images and fonts; no script within the page, and nothing of other hosts
   */
  contentSecurityPolicy?: string;
}

/** The setting `landing`, as far as it can be judged alone. */
export const landingSetting = z
  .strictObject({
    title: z.string().optional(),
    text: z.string().optional(),
    page: z.string().optional(),
    folder: z.string().optional(),
    status: z.literal([404, 200]).optional(),
    noindex: z.boolean().optional(),
    contentSecurityPolicy: text(checkContentSecurityPolicy).optional(),
  } satisfies { [K in keyof Required<LandingArgs>]: z.ZodType })
  .superRefine((landing, context) => {
    const own = ownOf(landing);
    const refuse = (key: keyof LandingArgs, problem: string | undefined) =>
      problem && context.addIssue({ code: "custom", path: [key], message: problem });
    if (own && "problem" in own.content) refuse(own.key, own.content.problem);
    if (landing.page !== undefined && landing.folder !== undefined)
      refuse("folder", `must be left out with landing.page, got "${landing.folder}" (put the page there as ${index})`);
    for (const key of ["title", "text"] as const)
      if (own && landing[key] !== undefined)
        refuse(key, `must be left out with landing.${own.key}, got "${landing[key]}" (write it into your page)`);
    if (!own && landing.contentSecurityPolicy !== undefined)
      refuse(
        "contentSecurityPolicy",
        "must come with landing.page or landing.folder, got it alone (the default page has its own)",
      );
  });

/** What is wrong with the page for the apex beside the versions: the proxies must be able to hold the default one. */
export const checkLanding = (args: LandingArgs, versions: VersionSet): string | undefined => {
  if ((args.page ?? args.folder) !== undefined) return undefined;
  const bytes = Buffer.byteLength(landingPage(args));
  const most = longestPage(versions);
  return bytes > most
    ? `must make a page of at most ${most} bytes with Envoy Gateway ${versions.envoyGateway}, got ${bytes} (shorten landing.title or landing.text)`
    : undefined;
};

/** What the part is made of. */
export interface LandingPartArgs extends LandingArgs {
  names: Names;
  listener: Listener;
  versions: VersionSet;
  /** Registry of one's own. */
  mirror?: string;
}

/** Where an answer comes from: a page of the proxies' own, or a port of the server. */
type Rule = { matches?: object[]; filters?: object[]; backendRefs?: object[] };

/**
 * Answers for every host that no route has: the page at the apex, 404 elsewhere and for hosts nobody has claimed. They come from the proxies
 * themselves, without a pod, as long as it is one page that they can hold; a folder, or a page too large, has a server.
 * A route with a host of its own always wins, since the more specific hostname does:
 * https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
 */
export class Landing extends pulumi.ComponentResource {
  constructor(name: string, args: LandingPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Landing", name, {}, opts);
    const { names, listener, versions, mirror, status = 404, contentSecurityPolicy = foreignPolicy } = args;
    const { domains, parentRef } = listener;
    const namespace = parentRef.namespace;
    const child = { parent: this };
    const isOwn = (args.page ?? args.folder) !== undefined;
    const { noindex = !isOwn } = args;

    const answer = (which: string, statusCode: number, body: string): Rule => {
      const filter = new HTTPRouteFilter(
        `${name}-${which}`,
        {
          metadata: { name: `landing-${which}`, namespace },
          spec: { directResponse: { contentType: html, statusCode, body: { type: "Inline", inline: body } } },
        },
        child,
      );
      const extensionRef = { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: filter.metadata.name };
      return { filters: [{ type: "ExtensionRef", extensionRef }] };
    };
    const fromProxies = (page: string, nothing: string) => {
      const missing = answer("unclaimed", 404, nothing);
      return {
        found: [{ matches: [{ path: { type: "Exact", value: "/" } }], ...answer("apex", 200, page) }, missing],
        missing: [missing],
        before: [],
      };
    };
    const fromServer = (site: Site) => {
      const { service, answers } = staticServer(name, { site, namespace, mirror, askedBy: names.proxyLabels }, child);
      const rules = (port: number): Rule[] => [{ backendRefs: [{ name: service, port }] }];
      return { found: rules(ports.site), missing: rules(ports.nothing), before: answers };
    };
    const served = servedBy(args, versions);
    const rules = "site" in served ? fromServer(served.site) : fromProxies(served.page, served.nothing);

    const attach = (which: string, hostnames: string[], rulesOf: Rule[], unlisted: boolean) => {
      const set = answerHeaders(isOwn ? contentSecurityPolicy : ownPolicy, unlisted);
      const secured = { type: "ResponseHeaderModifier", responseHeaderModifier: { set } };
      attachRoute(
        `${name}-${which}`,
        {
          name: `landing-${which}`,
          namespace,
          listener: { ...listener, ready: listener.ready.then((ready) => [...ready, ...rules.before]) },
          hostnames,
          rules: rulesOf.map(({ filters = [], ...rule }) => ({ ...rule, filters: [secured, ...filters] })),
        },
        child,
      );
    };
    attach("apex", domains, rules.found, noindex);
    const wildcards = domains.map((domain) => `*.${domain}`);
    attach("unclaimed", wildcards, status === 200 ? rules.found : rules.missing, true);
    this.registerOutputs({});
  }
}

/** Somebody's own page or folder by the key that names it, if there is one. */
const ownOf = ({
  page,
  folder,
}: LandingArgs): { key: "page" | "folder"; content: Found<string | Site> } | undefined => {
  if (page !== undefined) return { key: "page", content: readPage(page) };
  return folder === undefined ? undefined : { key: "folder", content: readFolder(folder) };
};

/** The pages that the proxies answer, as they read them, or the files of a server. */
const servedBy = (args: LandingArgs, versions: VersionSet): { page: string; nothing: string } | { site: Site } => {
  const own = ownOf(args);
  if (!own) return { page: landingPage(args), nothing: nothingHere };
  const content = foundFor(`landing.${own.key}`, own.content);
  if (content instanceof Map) return { site: content };
  const body = asBody(content, versions);
  return Buffer.byteLength(body) > longestPage(versions)
    ? { site: new Map([[index, Buffer.from(content)]]) }
    : { page: body, nothing: body };
};
