/**
 * What the proxies do when their memory runs out, besides what Envoy Gateway has them do, which is to refuse every request at 98 % of what they
 * may use: https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
 */

/** Name of the monitor of Envoy's heap; Envoy Gateway makes it where the container has a limit. */
const heap = "envoy.resource_monitors.fixed_heap";

/**
 * Patches of the proxies' bootstrap. A few clients that ask for much and read none of it would fill the memory with what is kept for them.
 * From half of it on, the streams that hold the most are therefore reset: those of 8 MiB first, in the end those of 64 KiB (2^16). It is
 * looked at ten times a second, since one such client fills 100 MB in a second.
 */
export const overloadPatches = [
  { op: "replace", path: "/overload_manager/refresh_interval", value: "0.1s" },
  {
    op: "add",
    path: "/overload_manager/buffer_factory_config",
    value: { minimum_account_to_track_power_of_two: 16 },
  },
  {
    op: "add",
    path: "/overload_manager/actions/-",
    value: {
      name: "envoy.overload_actions.reset_high_memory_stream",
      triggers: [{ name: heap, scaled: { scaling_threshold: 0.5, saturation_threshold: 0.95 } }],
    },
  },
];
