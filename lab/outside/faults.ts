/** Faults on demand, of what stands for somebody's service: which requests they meet, and how often. Each service adds what goes wrong. */
import { Hono } from "hono";
import { prettifyError, z } from "zod";
import { indented } from "../tools/http";

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

/** Which requests: those that match everything given here; and what any service may do wrong. */
export const anyFault = {
  method: z.string().optional(),
  path: z.string().refine(isPattern, "must be a regular expression").optional(),
  /** How many requests. The default is all, until the faults are removed. */
  times: z.number().int().positive().optional(),

  /** The answer instead of the real one. Nothing else is done. */
  status: z.number().int().min(400).max(599).optional(),
  retryAfter: z.number().int().nonnegative().optional(),
  /** Milliseconds before the answer. */
  delay: z.number().nonnegative().optional(),
  /** Closes the connection without an answer. */
  drop: z.literal(true).optional(),
};

type AnyFault = z.infer<z.ZodObject<typeof anyFault>>;

export class Faults<F extends AnyFault> {
  private faults: F[] = [];

  all = (): F[] => this.faults;

  replace(faults: F[]): void {
    this.faults = structuredClone(faults);
  }

  /** The faults of a request. Each counts the request, and ends after its number of requests. */
  take(request: { method: string; path: string }, meets: (fault: F) => boolean = () => true): F[] {
    const fitting = this.faults.filter(
      (fault) =>
        (fault.method === undefined || fault.method === request.method) &&
        (fault.path === undefined || new RegExp(fault.path).test(request.path)) &&
        meets(fault),
    );
    for (const fault of fitting) if (fault.times !== undefined) fault.times -= 1;
    this.faults = this.faults.filter(({ times }) => times !== 0);
    return fitting;
  }
}

/** What a control page offers at `/faults`: GET tells them, PUT replaces them by a list, DELETE removes them. */
export const faultRoutes = <F extends AnyFault>(list: z.ZodType<F[]>, faults: () => Faults<F>) =>
  new Hono()
    .get("/faults", (call) => indented(call, faults().all()))
    .put("/faults", async (call) => {
      const given = list.safeParse(await call.req.json().catch(() => undefined));
      if (!given.success) return indented(call, { error: prettifyError(given.error) }, 400);
      faults().replace(given.data);
      return indented(call, faults().all());
    })
    .delete("/faults", (call) => {
      faults().replace([]);
      return indented(call, []);
    });
