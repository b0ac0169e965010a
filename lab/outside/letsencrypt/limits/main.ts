/** Runs the rate limits in front of production's Pebble. */
import { readFileSync } from "node:fs";
import { ca } from "../../../layout";
import { host, ports } from "../../../ports";
import { pebbleAt } from "./pebble";
import { limited } from "./server";

limited(pebbleAt(ports.letsencryptProduction, readFileSync(ca.certificate, "utf8"))).listen(
  ports.letsencryptLimits,
  host,
);
