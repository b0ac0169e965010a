/** The DNS records of the zones. */
import { newId, type Zone } from "../account";
import type { RecordFields } from "./fields";

export interface DnsRecord extends RecordFields {
  id: string;
  zone: Zone;
  created_on: string;
  modified_on: string;
  comment_modified_on?: string;
  tags_modified_on?: string;
}

export class Records {
  private readonly records = new Map<string, DnsRecord>();

  /** `changed` is called after each change and before its answer. */
  constructor(
    private readonly now: () => number,
    private readonly changed: (zone: Zone) => void,
  ) {}

  all = (): DnsRecord[] => [...this.records.values()];

  of = (zone: Zone): DnsRecord[] => this.all().filter((record) => record.zone === zone);

  find = (zone: Zone, id: string): DnsRecord | undefined => this.of(zone).find((record) => record.id === id);

  create(zone: Zone, fields: RecordFields): DnsRecord {
    const at = this.timestamp();
    const record: DnsRecord = {
      ...fields,
      id: newId(),
      zone,
      created_on: at,
      modified_on: at,
      ...(fields.comment ? { comment_modified_on: at } : {}),
      ...(fields.tags.length > 0 ? { tags_modified_on: at } : {}),
    };
    this.records.set(record.id, record);
    this.changed(zone);
    return record;
  }

  update(record: DnsRecord, fields: RecordFields): void {
    const at = this.timestamp();
    if (fields.comment !== record.comment) record.comment_modified_on = at;
    if (fields.tags.join() !== record.tags.join()) record.tags_modified_on = at;
    const forgotten = { data: undefined, priority: undefined, private_routing: undefined };
    Object.assign(record, forgotten, fields, { modified_on: at });
    this.changed(record.zone);
  }

  delete(record: DnsRecord): void {
    this.records.delete(record.id);
    this.changed(record.zone);
  }

  private timestamp = (): string => new Date(this.now()).toISOString().replace("Z", "000Z");
}
