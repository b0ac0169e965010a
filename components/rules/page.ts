/** The page that the proxies answer by themselves: one look, light and dark, with nothing to load but itself. */
import { createHash } from "node:crypto";
import { readsOperatorsInBodies, type VersionSet } from "./versions";

/** What a page says. */
export interface PageText {
  title: string;
  text: string;
  /** Status of the answer, shown where it is an error's. */
  status?: number;
  /** Whether search engines are asked to leave the page out. */
  noindex?: boolean;
}

/** A gateway's arch, in a colour that is seen on light and on dark. */
const arch = (attributes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="5 4 30 33" fill="none" stroke="#3d8f78" stroke-width="3" stroke-linecap="round"${attributes}><path d="M7 35V19a13 13 0 0 1 26 0v16M15 35V21a5 5 0 0 1 10 0v14"/></svg>`;

const icon = `data:image/svg+xml;base64,${Buffer.from(arch("")).toString("base64")}`;

/** No percent sign may be in it: Envoy's command operators begin with one. */
const style = [
  ":root{color-scheme:light dark;--ground:#f7f8f7;--ink:#1c2522;--soft:#55615d}",
  "@media(prefers-color-scheme:dark){:root{--ground:#131716;--ink:#e6ebe9;--soft:#9aa6a1}}",
  "body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:var(--ground);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}",
  "main{max-width:32rem;padding:2rem 2rem 6rem;overflow-wrap:anywhere}",
  "svg{width:2.5rem;height:2.75rem}",
  "h1{margin:1.25rem 0 .5rem;font-size:2rem;font-weight:600;line-height:1.2;letter-spacing:-.02em}",
  "h1 small{color:var(--soft);font-weight:400}",
  "p{margin:0;color:var(--soft)}",
].join("");

/** The page as HTML. */
const page = ({ title, text, status, noindex }: PageText): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${noindex ? '<meta name="robots" content="noindex">\n' : ""}<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
<main>
${arch(' aria-hidden="true"')}
<h1>${status ? `<small>${status}</small> ` : ""}${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
</main>
</html>
`;

/** What an apex without an application says. */
export const landingPage = ({
  title = "It works",
  text = "HTTPS is up. Attach an HTTPRoute to serve something here.",
  noindex = true,
}: Partial<PageText>): string => page({ title, text, noindex });

/** What there is where nothing is. */
export const nothingHere = page({
  title: "Nothing here",
  text: "Nothing is served at this address.",
  status: 404,
  noindex: true,
});

const noAnswer: Record<number, Pick<PageText, "title" | "text">> = {
  502: { title: "Bad gateway", text: "The application behind this address gave an answer that makes no sense." },
  503: {
    title: "Not available",
    text: "The application behind this address does not answer right now. Try again in a minute.",
  },
  504: {
    title: "Too slow",
    text: "The application behind this address took too long to answer. Try again in a minute.",
  },
};

/** What each status says of an application that does not answer. */
export const errorPages: { status: number; body: string }[] = Object.entries(noAnswer).map(([status, words]) => ({
  status: Number(status),
  body: page({ ...words, status: Number(status), noindex: true }),
}));

/** HTML's own characters, and the percent sign. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'%]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A text as Envoy reads it, so that the answer is the text: a percent sign begins an operator where this version reads them. */
export const asBody = (html: string, versions: VersionSet): string =>
  readsOperatorsInBodies(versions) ? html.replaceAll("%", "%%") : html;

/** How an answer carries HTML. */
export const html = "text/html; charset=utf-8";

const digest = createHash("sha256").update(style).digest("base64");

/** What such a page may load: its style, and its icon, which it brings along. No script, no frame around it. */
export const ownPolicy = policyOf(`style-src 'sha256-${digest}'`, "img-src data:");

/**
 * What somebody's own page may load unless it says otherwise: files of its own host, what it brings along in `data:` addresses, and styles
 * within it. No script within it, and nothing of anybody else.
 */
export const foreignPolicy = policyOf(
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
);

function policyOf(...loads: string[]): string {
  return ["default-src 'none'", ...loads, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join("; ");
}

/**
 * Headers of what the edge itself answers. Nobody keeps it: the next moment an application may have claimed the host, or answer again.
 * https://owasp.org/www-project-secure-headers/
 */
export const answerHeaders = (contentSecurityPolicy: string, noindex = false) => [
  // A percent sign begins an operator in headers, in every version.
  { name: "Content-Security-Policy", value: contentSecurityPolicy.replaceAll("%", "%%") },
  { name: "X-Content-Type-Options", value: "nosniff" },
  { name: "X-Frame-Options", value: "DENY" },
  { name: "Referrer-Policy", value: "no-referrer" },
  { name: "Cache-Control", value: "no-store" },
  ...(noindex ? [{ name: "X-Robots-Tag", value: "noindex" }] : []),
];
