/** Runs the limits before production's Pebble. */
import { readFileSync } from "node:fs";
import { ca } from "../../../layout";
import { ports } from "../../front/names";
import { production } from "../environments";
import { pebbleAt } from "./pebble";
import { limited } from "./server";

limited(pebbleAt(production.port, readFileSync(ca.certificate, "utf8"))).listen(ports.production, "127.0.0.1");
