/** The recorded exchange between the real provider and the API, in sections named for what the engine was doing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Properties } from "../value";
import type { Answer, Asked } from "./fakeApi";

interface Exchange {
  method: string;
  path: string;
  body: Properties | null;
  status: number;
  response: Properties;
}

const lines: ({ mark: string } | Exchange)[] = readFileSync(join(__dirname, "recording.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const sections = new Map<string, Exchange[]>();
let section: Exchange[] = [];
for (const line of lines) {
  if ("mark" in line) {
    section = [];
    sections.set(line.mark, section);
  } else section.push(line);
}

/** The requests of a section, sorted, because the engine does several things at once. */
export const recorded = (mark: string): string[] =>
  (sections.get(mark) ?? [])
    .map(({ method, path, body }) => line(method, path, body ? JSON.stringify(body) : ""))
    .sort();

/** The requests that were just made, sorted in the same way. */
export const written = (asked: Asked[]): string[] =>
  asked.map(({ method, path, body }) => line(method, path, body)).sort();

const line = (method: string, path: string, body: string): string => `${method} ${path} ${body}`.trim();

/** Answers as the recording does in a section. */
export const answerOf = (mark: string, { method, path, body }: Asked): Answer => {
  const same = sections
    .get(mark)
    ?.find(
      (known) => known.method === method && known.path === path && (!known.body || JSON.stringify(known.body) === body),
    );
  return same
    ? { status: same.status, body: same.response }
    : { status: 418, body: { errors: ["not in the recording"] } };
};
