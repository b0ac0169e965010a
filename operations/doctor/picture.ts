/** The chain as a tree of text: each answer, and below it what it stands on. */
import { marks } from "../marks";
import { idOf, type Link } from "./links";

/** Colours a text, or leaves it as it is. */
type Paint = (result: Link["result"], text: string) => string;

/** Lines of the tree. What was shown is not shown again unless it fails, and then without what is below it. */
export const picture = (links: Link[], paint: Paint): string[] => {
  const byId = new Map(links.map((link) => [idOf(link), link]));
  const shown = new Set<string>();
  const needed = new Set(links.flatMap(({ needs }) => needs));

  const draw = (link: Link, first: string, rest: string): string[] => {
    const id = idOf(link);
    const again = shown.has(id) && link.needs.length > 0;
    shown.add(id);
    const words = [link.subject, link.result === "ok" ? "" : `: ${link.found}`, again ? " (above)" : ""].join("");
    const line = `${first}${paint(link.result, marks[link.result])} ${words}`;
    if (again) return [line];
    const below = direct(link, byId).filter((each) => each.result === "failed" || !shown.has(idOf(each)));
    return [
      line,
      ...below.flatMap((each, at) => {
        const isLast = at === below.length - 1;
        return draw(each, `${rest}${isLast ? "└─" : "├─"}`, `${rest}${isLast ? "  " : "│ "}`);
      }),
    ];
  };
  return links.filter((link) => !needed.has(idOf(link))).flatMap((link) => draw(link, "", ""));
};

/** What a link needs, without what another of its needs stands on: that is shown below the other. */
export const direct = (link: Pick<Link, "needs">, byId: Map<string, Link>): Link[] => {
  const below = (id: string): string[] => (byId.get(id)?.needs ?? []).flatMap((each) => [each, ...below(each)]);
  const indirect = new Set(link.needs.flatMap(below));
  return link.needs.flatMap((id) => {
    const found = byId.get(id);
    return found && !indirect.has(id) ? [found] : [];
  });
};
