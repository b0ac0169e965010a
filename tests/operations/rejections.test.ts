import assert from "node:assert/strict";
import { readStatistics } from "../../operations/doctor/rejections";

const statistics = (listeners: {
  rejected: number;
  time: number;
}): string => `# TYPE envoy_listener_manager_lds_update_rejected counter
envoy_listener_manager_lds_update_rejected{} ${listeners.rejected}
envoy_cluster_manager_cds_update_rejected{} 0
envoy_http_rds_update_rejected{envoy_rds_route_config="envoy-gateway/eg/https"} 2
envoy_sds_update_rejected{envoy_xds_resource_name="a"} 7
# TYPE envoy_listener_manager_lds_update_time gauge
envoy_listener_manager_lds_update_time{} ${listeners.time}
envoy_cluster_manager_cds_update_time{} 1795905214709
envoy_http_rds_update_time{envoy_rds_route_config="envoy-gateway/eg/https"} 1795905208132
envoy_sds_update_time{envoy_xds_resource_name="a"} 0
`;

describe("What a proxy has refused", () => {
  it("is the sum over listeners, clusters and routes, with the moment of the last update that it took", () =>
    assert.deepEqual(readStatistics(statistics({ rejected: 1, time: 1795905221796 })), {
      refused: 3,
      lastTaken: 1795905221796,
      lacks: false,
    }));

  it("is all of a kind, when it has never taken one", () =>
    assert.deepEqual(readStatistics(statistics({ rejected: 1, time: 0 })), {
      refused: 3,
      lastTaken: 1795905214709,
      lacks: true,
    }));

  it("is nothing before the first update of a kind comes", () =>
    assert.equal(readStatistics(statistics({ rejected: 0, time: 0 })).lacks, false));
});
