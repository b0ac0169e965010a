/** Runs the limits before a Pebble: `main.ts PORT PEBBLE-PORT`. */
import { readFileSync } from "node:fs";
import { ca } from "../../../place";
import { pebbleAt } from "./pebble";
import { limited } from "./server";

const [port, pebble] = process.argv.slice(2).map(Number);

limited(pebbleAt(Number(pebble), readFileSync(ca.certificate, "utf8"))).listen(port, "127.0.0.1");
