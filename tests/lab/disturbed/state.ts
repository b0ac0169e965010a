/** As in staging/: one edge, whose parts fail here and whose token changes. A folder of its own, so that it runs beside staging/. */
export { mochaHooks } from "../staging/state";
