/** Runs what stands in front of both Pebbles, and its control port. Staging's limits are too wide to be met. */
import { readFileSync } from "node:fs";
import { ca } from "../../../layout";
import { host, ports } from "../../../ports";
import { serverOf } from "../../../tools/http";
import { Faults, faultRoutes } from "../../faults";
import { type AcmeFault, AcmeFaultList } from "./faults";
import { pebbleAt } from "./pebble";
import { RateLimits } from "./rateLimits";
import { acmeServer } from "./server";

const trusted = readFileSync(ca.certificate, "utf8");
const faults = new Faults<AcmeFault>();
acmeServer(pebbleAt(ports.letsencryptStaging, trusted), { faults }).listen(ports.letsencryptStagingApi, host);
acmeServer(pebbleAt(ports.letsencryptProduction, trusted), { faults, limits: new RateLimits() }).listen(
  ports.letsencryptProductionApi,
  host,
);
serverOf(faultRoutes(AcmeFaultList, () => faults)).listen(ports.letsencryptControl, host);
