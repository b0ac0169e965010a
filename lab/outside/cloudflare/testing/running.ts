/** The fake on free ports of loopback, for its tests. */
import type { Server } from "node:http";
import { listening, stop } from "../../../tools/http";
import { resource, type TokenName, tokens, zones } from "../account";
import type { Envelope } from "../api/envelope";
import { apiServer } from "../api/server";
import { controlServer } from "../control/server";
import type { Publish } from "../records/zoneFile";
import { groupNamed } from "../tokens/permissions";
import { newWorld } from "../world";

export interface Reply<Result> {
  status: number;
  headers: Headers;
  body: Envelope & { result: Result };
  codes: number[];
}

export interface Thing {
  id: string;
  [field: string]: unknown;
}

export class Running {
  /** Tests move this clock, so that none has to wait for a token to expire. */
  clock = Date.parse("2026-11-23T12:00:00Z");
  readonly world;
  baseUrl = "";
  controlUrl = "";
  private readonly api: Server;
  private readonly controlPort: Server;

  private constructor(publish?: Publish) {
    this.world = newWorld(publish, () => this.clock);
    this.api = apiServer(this.world);
    this.controlPort = controlServer(this.world);
  }

  static async start(publish?: Publish): Promise<Running> {
    const running = new Running(publish);
    running.baseUrl = `${await listening(running.api)}/client/v4`;
    running.controlUrl = await listening(running.controlPort);
    return running;
  }

  /** Calls the API. `who` is the name of a token from the start, or a token's value. */
  async ask<Result = Thing>(who: string, method: string, path: string, body?: unknown): Promise<Reply<Result>> {
    const value = Object.hasOwn(tokens, who) ? tokens[who as TokenName] : who; // `as`: checked just before
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${value}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const envelope: Reply<Result>["body"] = JSON.parse(await response.text());
    const codes = envelope.errors.map(({ code }) => code);
    return { status: response.status, headers: response.headers, body: envelope, codes };
  }

  async control<Result = unknown>(method: string, path: string, body?: unknown): Promise<Result> {
    const response = await fetch(this.controlUrl + path, { method, body: JSON.stringify(body) });
    return JSON.parse(await response.text());
  }

  stop(): void {
    stop(this.api);
    stop(this.controlPort);
  }
}

export const zoneId = (name: string): string => zones.find((zone) => zone.name === name)?.id ?? "";

export const records = (zone = "example.com"): string => `/zones/${zoneId(zone)}/dns_records`;

/** The body of a request for a token with one policy. */
export const asking = (name: string, groups: string[], resources: unknown, more = {}) => ({
  name,
  policies: [{ effect: "allow", permission_groups: groups.map((group) => ({ id: groupNamed(group).id })), resources }],
  ...more,
});

export const onZone = (name: string) => ({ [resource.zone(zoneId(name))]: "*" });
