#!/usr/bin/env python3
"""usage: site.py   makes the site by tools/docs; every link within it leads somewhere, and nothing of it comes from elsewhere. Exit status
77 where there is no MkDocs."""

import html.parser
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

root = pathlib.Path(__file__).resolve().parents[2]


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.parts = set(), [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        for name in ("src", "href"):
            if given.get(name) and tag != "a":
                self.parts.append(given[name])


def main():
    if shutil.which("mkdocs") is None:
        print("SKIPPED: there is no mkdocs (tools/setup docs)", file=sys.stderr)
        return 77
    subprocess.run([root / "tools" / "docs"], check=True)
    site = root / "build" / "docs"
    pages = {p: Page(p) for p in site.rglob("*.html") if p.name not in ("404.html", "search.html")}
    assert len(pages) >= 25, len(pages)
    broken = []
    for path, page in pages.items():
        for link in page.links + page.parts:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.parts:
                    broken.append(f"{path.relative_to(site)}: {link} comes from elsewhere")
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                broken.append(f"{path.relative_to(site)}: {link} is not there")
            elif parts.fragment and target in pages and parts.fragment not in pages[target].ids:
                broken.append(f"{path.relative_to(site)}: {link} has no such place")
    print("\n".join(broken) or f"{len(pages)} pages")
    return 1 if broken else 0


sys.exit(main())
