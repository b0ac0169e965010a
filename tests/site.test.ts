import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readFolder, readPage } from "../components/site";

const whence = "a path is taken from the folder that the program runs in";

describe("An own page or folder", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "site-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, content: string | Buffer = "<p>text</p>"): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    return join(root, path);
  };
  const filesOf = (): string[] => {
    const read = readFolder(root);
    return "found" in read ? [...read.found.keys()] : [read.problem];
  };
  const problemOf = (): string => {
    const read = readFolder(root);
    return "problem" in read ? read.problem : "";
  };

  it("is every file of a folder by its path, byte by byte", () => {
    write("index.html", "<p>ü</p>");
    write("images/a picture.png", Buffer.from([0x89, 0x50, 0x00, 0xff]));
    write("404.html");
    symlinkSync("index.html", join(root, "same.html"));
    const read = readFolder(root);
    assert.ok("found" in read);
    assert.deepEqual([...read.found.keys()], ["404.html", "images/a picture.png", "index.html", "same.html"]);
    assert.deepEqual(read.found.get("images/a picture.png"), Buffer.from([0x89, 0x50, 0x00, 0xff]));
    assert.deepEqual(read.found.get("same.html"), read.found.get("index.html"));
  });

  it("has nothing that begins with a dot, but .well-known", () => {
    for (const path of ["index.html", ".env", ".git/config", ".well-known/security.txt", "images/.DS_Store"])
      write(path);
    assert.deepEqual(filesOf(), [".well-known/security.txt", "index.html"]);
  });

  it("must be a folder with an index.html", () => {
    write("page.html");
    assert.equal(problemOf(), `must be a folder with an index.html, got "${root}" (it has none)`);
    const missing = join(root, "nowhere");
    assert.deepEqual(readFolder(missing), {
      problem: `must be a folder with an index.html, got "${missing}" (there is none; ${whence})`,
    });
    const file = join(root, "page.html");
    assert.deepEqual(readFolder(file), {
      problem: `must be a folder with an index.html, got "${file}" (it is a file; ${whence})`,
    });
  });

  for (const [what, target, because] of [
    ["a link out of it", "/etc/hostname", "a link out of the folder: put the file itself there"],
    [
      "a link to a folder beside it whose name begins alike",
      "SIBLING",
      "a link out of the folder: put the file itself there",
    ],
    ["a link to a folder in it", "images", "a link to a folder: put the files themselves there"],
    ["a link to nothing", "nowhere", "a link that leads nowhere: take it out"],
  ] as const)
    it(`may not have ${what}`, () => {
      write("index.html");
      write("images/a.png");
      const sibling = `${root}-sibling`;
      mkdirSync(sibling);
      symlinkSync(target === "SIBLING" ? sibling : target, join(root, "link"));
      assert.equal(problemOf(), `must hold plain files, got "link" (${because})`);
      rmSync(sibling, { recursive: true });
    });

  it("may not have what is no file at all", () => {
    write("index.html");
    execFileSync("mkfifo", [join(root, "pipe")]);
    assert.equal(problemOf(), 'must hold plain files, got "pipe" (neither a file nor a folder: take it out)');
  });

  it("must fit into a ConfigMap beside the server's configuration", () => {
    write("index.html", "");
    const most = 1_048_576 - 16_384;
    truncateSync(write("images/a.png"), most);
    assert.deepEqual(filesOf(), ["images/a.png", "index.html"]);
    truncateSync(join(root, "images/a.png"), most + 1);
    assert.equal(
      problemOf(),
      `must have at most ${most} bytes in all, got ${most + 1} (make its images smaller, or serve it by an application)`,
    );
  });

  it("must have at most 500 files", () => {
    for (let nth = 0; nth < 500; nth++) write(`${nth}.txt`, "");
    write("index.html");
    assert.equal(problemOf(), "must hold at most 500 files, got 501 (serve a larger site by an application)");
  });

  it("is a page of text in UTF-8", () => {
    assert.deepEqual(readPage(write("good.html", "<p>ü</p>")), { found: "<p>ü</p>" });
    for (const [content, because] of [
      [Buffer.from([0x3c, 0x70, 0xfc]), "it is not UTF-8: convert it"],
      ["no more than text", "there is no tag in it"],
      ["", "there is no tag in it"],
    ] as const) {
      const path = write("bad.html", content as string);
      assert.deepEqual(readPage(path), { problem: `must be an HTML file, got "${path}" (${because})` });
    }
    assert.deepEqual(readPage(root), { problem: `must be an HTML file, got "${root}" (it is a folder; ${whence})` });
    assert.deepEqual(readPage(write("long.html"), 10), {
      problem: "must have at most 10 bytes in all, got 11 (make its images smaller, or serve it by an application)",
    });
  });
});
