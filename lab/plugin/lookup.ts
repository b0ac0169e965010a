/** A function of the provider, which asks and changes nothing. */
import type { z } from "zod";
import type { Api } from "./api";
import type { Properties } from "./value";

export interface Lookup {
  inputs: z.ZodType;
  answer(api: Api, inputs: Properties): Promise<Properties>;
}
