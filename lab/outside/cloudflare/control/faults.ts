/** What Cloudflare does wrong on demand. */
import { z } from "zod";
import { anyFault } from "../../faults";
import { zones } from "../account";
import { type Envelope, Refusal } from "../api/envelope";

export const FaultList = z.array(
  z.strictObject({
    ...anyFault,
    /** Which requests: those of a token, by its name. */
    token: z.string().optional(),

    code: z.number().int().optional(),
    message: z.string().optional(),
    /** A page for people instead of the API's answer, as where something on the way answers in its place. Its status is 200 unless given. */
    page: z.literal(true).optional(),
    /** Does what was asked for, and closes the connection without an answer. */
    lost: z.literal(true).optional(),
    /** Fields to leave out of the result, or of each of its items. */
    omit: z.array(z.string()).optional(),
    /** Fields that the result, or each of its items, has in place of its own. */
    set: z.record(z.string(), z.unknown()).optional(),
    /** DNS records carry `zone_id` and `zone_name`, as they did until 2025. */
    zone_id: z.literal(true).optional(),
  }),
);

export type Fault = z.infer<typeof FaultList>[number];

/** The fault's answer instead of the real one, if it has one. */
export const answerOf = ({ status, code, message, page }: Fault): Response | undefined => {
  if (page)
    return new Response("<!DOCTYPE html><title>Just a moment...</title>", {
      status: status ?? 200,
      headers: { "content-type": "text/html; charset=UTF-8" },
    });
  if (status === undefined) return undefined;
  const usual =
    status === 429
      ? { code: 971, message: "Please wait and consider throttling your request speed" }
      : { code: 10013, message: "An unknown error has occurred." };
  return new Refusal(status, { code: code ?? usual.code, message: message ?? usual.message }).answer();
};

/** Changes an answer as a fault says: leaves fields out, sets others, or puts the zone into its records. */
export const altered = (answer: Envelope, { omit = [], set, zone_id }: Fault, path: string): Envelope => {
  const zone = zone_id && zones.find(({ id }) => path.includes(`/zones/${id}/dns_records`));
  const alter = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const whole = zone ? { ...item, ...set, zone_id: zone.id, zone_name: zone.name } : { ...item, ...set };
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !omit.includes(name)));
  };
  const { result } = answer;
  return { ...answer, result: Array.isArray(result) ? result.map(alter) : alter(result) };
};
