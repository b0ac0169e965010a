/** HTTP Strict Transport Security: browsers that have been here once ask by HTTPS alone. */
import { z } from "zod";
import { checkMaxAge, checkPreload, hstsHeader } from "./rules/hsts";
import { text } from "./rules/problems";
import { setsHeadersOfAnswers, type VersionSet } from "./rules/versions";

/** What browsers are told. */
export interface HstsArgs {
  /**
   * How long a browser remembers, such as `5 minutes`, `1 day`, `3 months` or `2 years`, counted from its last visit; `0 seconds` makes it
   * forget. Begin with little, and raise it while nothing breaks.
   */
  maxAge: string;
  /**
   * Whether this holds for every host below the one that is asked, those that the edge does not serve included.
   * @default false
   */
  includeSubDomains?: boolean;
  /**
   * Whether browsers may carry the domain in the list that they come with; only with two years and `includeSubDomains`.
   * @default false
   */
  preload?: boolean;
}

/** The setting `clientTraffic.hsts`. */
export const hstsSetting = z
  .strictObject({
    maxAge: text(checkMaxAge),
    includeSubDomains: z.boolean().optional(),
    preload: z.boolean().optional(),
  } satisfies { [K in keyof Required<HstsArgs>]: z.ZodType })
  .superRefine((hsts, context) => {
    if (checkMaxAge(hsts.maxAge)) return; // reported already
    const problem = checkPreload(hsts);
    if (problem) context.addIssue({ code: "custom", path: ["preload"], message: problem });
  });

/** What is wrong with the setting beside the versions. */
export const checkHsts = (versions: VersionSet): string | undefined =>
  setsHeadersOfAnswers(versions)
    ? undefined
    : `must be left out with Envoy Gateway ${versions.envoyGateway}, got a setting (its policies set no headers of answers: take versions.set "current", or let the applications send Strict-Transport-Security)`;

/**
 * The header on every answer, Envoy's own included. What an application says for its host by itself is kept: browsers go by the first header
 * of several. https://www.rfc-editor.org/rfc/rfc6797#section-8.1
 */
export const strictTransportSecurity = (hsts: HstsArgs) => ({
  addIfAbsent: [{ name: "Strict-Transport-Security", value: hstsHeader(hsts) }],
});
