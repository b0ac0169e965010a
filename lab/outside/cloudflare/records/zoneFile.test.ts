import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zones } from "../account";
import { Running, records } from "../testing/running";
import { readRecordFields } from "./fields";
import { Records } from "./records";
import { publishTo, zoneText } from "./zoneFile";

describe("a zone's file", () => {
  /** The lines of a zone's records, given as `zone type name content`. */
  const lines = (...given: [zone: string, type: string, name: string, content: string, more?: object][]) => {
    const all = new Records(Date.now, () => {});
    for (const [zoneName, type, name, content, more] of given) {
      const zone = zones.find((candidate) => candidate.name === zoneName) ?? assert.fail();
      all.create(zone, readRecordFields({ type, name, content, ttl: 60, ...more }, zone));
    }
    const [zone] = zones;
    return zoneText(zone ?? assert.fail(), all.all(), 7)
      .trimEnd()
      .split("\n")
      .slice(5);
  };

  it("begins with the zone's authority and name servers", () => {
    const [zone] = zones;
    assert.equal(
      zoneText(zone ?? assert.fail(), [], 7),
      `$ORIGIN example.com.
$TTL 300
@ IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 7 10000 2400 604800 1800
@ 86400 IN NS ada.ns.cloudflare.com.
@ 86400 IN NS bob.ns.cloudflare.com.
`,
    );
  });

  it("has each record of the zone, an automatic ttl being five minutes", () => {
    assert.deepEqual(
      lines(
        ["example.com", "A", "*", "203.0.113.7", { ttl: 1 }],
        ["example.com", "AAAA", "@", "2001:db8::7"],
        ["example.com", "CNAME", "app", "LB.example.net"],
        ["example.com", "MX", "@", "mail.example.net", { priority: 10 }],
        ["example.com", "SRV", "_sip._tcp", "1 2 5060 sip.example.net"],
        ["example.org", "A", "@", "203.0.113.8"],
      ),
      [
        "*.example.com. 300 IN A 203.0.113.7",
        "example.com. 60 IN AAAA 2001:db8::7",
        "app.example.com. 60 IN CNAME lb.example.net.",
        "example.com. 60 IN MX 10 mail.example.net.",
        "_sip._tcp.example.com. 60 IN SRV 1 2 5060 sip.example.net.",
      ],
    );
  });

  it("quotes text, in pieces where it is long, and leaves quoted text as it is", () => {
    assert.deepEqual(
      lines(
        ["example.com", "TXT", "a", 'say "x\\y"'],
        ["example.com", "TXT", "b", '"one" "two"'],
        ["example.com", "TXT", "c", "z".repeat(300)],
      ),
      [
        String.raw`a.example.com. 60 IN TXT "say \"x\\y\""`,
        'b.example.com. 60 IN TXT "one" "two"',
        `c.example.com. 60 IN TXT "${"z".repeat(255)}" "${"z".repeat(45)}"`,
      ],
    );
  });

  it("answers for a proxied record with the edge's addresses, once", () => {
    const proxied = { proxied: true, ttl: 1 };
    assert.deepEqual(
      lines(["example.com", "A", "www", "203.0.113.7", proxied], ["example.com", "A", "www", "203.0.113.8", proxied]),
      ["www.example.com. 300 IN A 192.0.2.104", "www.example.com. 300 IN AAAA 2001:db8::104"],
    );
  });

  it("flattens a CNAME of the zone itself, through wildcards and other zones", () => {
    assert.deepEqual(
      lines(
        ["example.com", "CNAME", "@", "edge.example.net"],
        ["example.net", "CNAME", "*", "lb.example.org"],
        ["example.org", "A", "lb", "203.0.113.7"],
        ["example.org", "A", "lb", "203.0.113.8"],
      ),
      ["example.com. 60 IN A 203.0.113.7", "example.com. 60 IN A 203.0.113.8"],
    );
  });

  it("leaves a CNAME of the zone itself as it is where its target is elsewhere, and says so", () => {
    const [note, line] = lines(["example.com", "CNAME", "@", "lb.cloud.example"]);
    assert.match(note ?? "", /^; not flattened/);
    assert.equal(line, "example.com. 60 IN CNAME lb.cloud.example.");
  });

  describe("on disk", () => {
    let directory = "";
    const read = () => readFileSync(join(directory, "example.com.zone"), "utf8");
    const serial = () => Number(/dns\.cloudflare\.com\. (\d+) /.exec(read())?.[1]);
    let cloudflare: Running;
    before(async () => {
      directory = mkdtempSync(join(tmpdir(), "zones-"));
      cloudflare = await Running.start(publishTo(directory));
    });
    after(() => {
      cloudflare.stop();
      rmSync(directory, { recursive: true });
    });

    it("exists from the start, and is written anew with a greater serial at each change", async () => {
      assert.deepEqual(readdirSync(directory), ["example.com.zone", "example.net.zone", "example.org.zone"]);
      const serials = [serial()];
      const txt = { type: "TXT", name: "t", content: "x" };
      const { id } = (await cloudflare.ask("deploy", "POST", records(), txt)).body.result;
      assert.match(read(), /^t\.example\.com\. 300 IN TXT "x"$/m);
      serials.push(serial());
      await cloudflare.ask("deploy", "PATCH", `${records()}/${id}`, { content: "y" });
      assert.match(read(), /TXT "y"/);
      serials.push(serial());
      await cloudflare.ask("deploy", "DELETE", `${records()}/${id}`);
      assert.doesNotMatch(read(), /TXT/);
      serials.push(serial());
      assert.deepEqual(
        serials,
        [...new Set(serials)].sort((a, b) => a - b),
      );
    });
  });
});
