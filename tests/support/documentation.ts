/** The pages of the documentation, and the fenced blocks in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "..", "..");

/** Pages in docs/, as paths from the project's folder. */
export const docs = readdirSync(join(root, "docs")).flatMap((file) => (file.endsWith(".md") ? [`docs/${file}`] : []));
export const pages = ["README.md", "lab/README.md", "CHANGELOG.md", ...docs];
export const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** A fenced block, and the page that it stands in. */
export interface Block {
  page: string;
  text: string;
}

/** Fenced blocks of a language. */
export const blocks = (language: string): Block[] =>
  pages.flatMap((page) =>
    [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => ({
      page,
      text,
    })),
  );
