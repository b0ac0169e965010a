/** What people see of a page: Chromium without a window, as Debian has it. */
import type { Packages } from "../cli/requirements";

const program = "/usr/bin/chromium-headless-shell";

/** The package that has it. No lab needs it to run, so whoever looks at pages asks for it beforehand. */
export const browserPackage: Packages = { "chromium-headless-shell": [program] };

/** A page as it was shown. */
export interface Seen {
  status: number;
  title: string;
  /** Words on the page. */
  text: string;
  /** Colours of the page and of its words, as CSS computes them. */
  background: string;
  color: string;
  /** Pictures that were shown, of those that the page has. */
  pictures: { shown: number; all: number };
  /** What the browser complained of: errors, refused loads, files that are missing. */
  complaints: string[];
  /** A picture of it, as PNG. */
  picture: Buffer;
}

/** How somebody likes pages. */
export type Scheme = "light" | "dark";

/**
 * Opens addresses one after the other and looks. Certificates are not judged: the browser knows no root of the lab's, and others judge them.
 */
export const see = async (addresses: string[], schemes: Scheme[] = ["light", "dark"]): Promise<Seen[]> => {
  const { chromium } = await import("playwright-core"); // half a second, which others do not wait
  // Root may not use the sandbox, and the pages are the tests' own.
  const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  try {
    const seen: Seen[] = [];
    for (const colorScheme of schemes) {
      const viewport = { width: 800, height: 500 };
      const context = await browser.newContext({ colorScheme, viewport, ignoreHTTPSErrors: true });
      for (const address of addresses) {
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", ({ message }) => complaints.push(message));
        page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
        const answer = await page.goto(address, { waitUntil: "load" });
        const looks = await page.evaluate(`(() => {
          const { backgroundColor, color } = getComputedStyle(document.body);
          const pictures = [...document.images];
          return {
            text: document.body.innerText,
            background: backgroundColor,
            color,
            pictures: { shown: pictures.filter(({ naturalWidth }) => naturalWidth > 0).length, all: pictures.length },
          };
        })()`);
        seen.push({
          ...(looks as Pick<Seen, "text" | "background" | "color" | "pictures">),
          status: answer?.status() ?? 0,
          title: await page.title(),
          complaints,
          picture: await page.screenshot(),
        });
        await page.close();
      }
      await context.close();
    }
    return seen;
  } finally {
    await browser.close();
  }
};

/** How light a colour of CSS is, from 0 to 1, by WCAG: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
const lightness = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((each) => {
    const part = Number(each) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Whether a page is dark, and the contrast of its words. */
export const readability = ({ background, color }: Seen): { dark: boolean; contrast: number } => {
  const [behind, words] = [lightness(background), lightness(color)];
  return {
    dark: behind < words,
    contrast: (Math.max(behind, words) + 0.05) / (Math.min(behind, words) + 0.05),
  };
};
