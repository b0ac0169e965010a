/** Pages for what the proxies answer when an application does not. */
import { z } from "zod";
import { answerHeaders, asBody, errorPages, foreignPolicy, html, ownPolicy } from "./rules/page";
import { tellsOwnAnswers, type VersionSet } from "./rules/versions";
import { foundFor, readPage } from "./site";

/** Pages for 502, 503 and 504. */
export interface ErrorPagesArgs {
  /**
   * Path of an HTML file of your own that needs no other, for all three.
   * @default - a page each that looks like the landing page
   */
  page?: string;
}

/** Bytes of an own page: each listener of each proxy holds it. */
const longest = 64 * 1024;

/** The setting `backendTraffic.errorPages`. */
export const errorPagesSetting = z
  .strictObject({ page: z.string().optional() } satisfies { [K in keyof Required<ErrorPagesArgs>]: z.ZodType })
  .superRefine(({ page }, context) => {
    const own = page === undefined ? undefined : readPage(page, longest);
    if (own && "problem" in own) context.addIssue({ code: "custom", path: ["page"], message: own.problem });
  });

/** What is wrong with the setting beside the versions. */
export const checkErrorPages = (versions: VersionSet): string | undefined =>
  tellsOwnAnswers(versions)
    ? undefined
    : `must be left out with Envoy Gateway ${versions.envoyGateway}, got a setting (it would put them in place of the applications' own answers too: take versions.set "current")`;

/** The fields of the policy. Answers of the applications themselves pass as they are, whatever their status. */
export const errorPagesOf = ({ page: path }: ErrorPagesArgs, versions: VersionSet): object => {
  const override = (statuses: number[], body: string, policy: string) => ({
    match: { statusCodes: statuses.map((value) => ({ type: "Value", value })) },
    source: "Local",
    response: {
      contentType: html,
      body: { type: "Inline", inline: body },
      header: { set: answerHeaders(policy, true) },
    },
  });
  const own = path === undefined ? undefined : foundFor("backendTraffic.errorPages.page", readPage(path, longest));
  return {
    responseOverride:
      own === undefined
        ? errorPages.map(({ status, body }) => override([status], body, ownPolicy))
        : [
            override(
              errorPages.map(({ status }) => status),
              asBody(own, versions),
              foreignPolicy,
            ),
          ],
  };
};
