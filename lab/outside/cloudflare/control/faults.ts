/** Faults on demand: what goes wrong with which requests, and how often. */
import { z } from "zod";
import { zones } from "../account";
import { type Envelope, Refusal } from "../api/envelope";

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

export const FaultList = z.array(
  z.strictObject({
    /** Which requests: all that fit everything given here. */
    method: z.string().optional(),
    path: z.string().refine(isPattern, "must be a regular expression").optional(),
    /** A token's name. */
    token: z.string().optional(),
    /** How many requests; without it, all until the faults are taken away. */
    times: z.number().int().positive().optional(),

    /** What happens: an answer in place of the real one, with nothing done. */
    status: z.number().int().min(400).max(599).optional(),
    retryAfter: z.number().int().nonnegative().optional(),
    code: z.number().int().optional(),
    message: z.string().optional(),
    /** Milliseconds before the answer. */
    delay: z.number().nonnegative().optional(),
    /** The connection is closed without an answer. */
    drop: z.literal(true).optional(),
    /** Fields left out of the result, or of each of its items. */
    omit: z.array(z.string()).optional(),
    /** DNS records carry `zone_id` and `zone_name`, as they did until 2025. */
    zone_id: z.literal(true).optional(),
  }),
);

export type Fault = z.infer<typeof FaultList>[number];

export class Faults {
  private faults: Fault[] = [];

  all = (): Fault[] => this.faults;

  replace(faults: Fault[]): void {
    this.faults = structuredClone(faults);
  }

  /** The faults that befall a request; each counts it, and is gone when it has had as many as it was to have. */
  take(request: { method: string; path: string; token?: string }): Fault[] {
    const fitting = this.faults.filter(
      ({ method, path, token }) =>
        (method === undefined || method === request.method) &&
        (path === undefined || new RegExp(path).test(request.path)) &&
        (token === undefined || token === request.token),
    );
    for (const fault of fitting) if (fault.times !== undefined) fault.times -= 1;
    this.faults = this.faults.filter(({ times }) => times !== 0);
    return fitting;
  }
}

/** The answer that takes the place of the real one, if the fault has such. */
export const answerOf = ({ status, code, message }: Fault): Response | undefined => {
  if (status === undefined) return undefined;
  const usual =
    status === 429
      ? { code: 971, message: "Please wait and consider throttling your request speed" }
      : { code: 10013, message: "An unknown error has occurred." };
  return new Refusal(status, { code: code ?? usual.code, message: message ?? usual.message }).answer();
};

/** An answer as a fault would have it: with fields left out, or with the zone in its records again. */
export const altered = (answer: Envelope, { omit = [], zone_id }: Fault, path: string): Envelope => {
  const zone = zone_id && zones.find(({ id }) => path.includes(`/zones/${id}/dns_records`));
  const alter = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const whole = zone ? { ...item, zone_id: zone.id, zone_name: zone.name } : item;
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !omit.includes(name)));
  };
  const { result } = answer;
  return { ...answer, result: Array.isArray(result) ? result.map(alter) : alter(result) };
};
