#!/usr/bin/env bash
# Makes a site of the pages in docs/ with mdBook, and holds that every link in it leads somewhere.
#
#   release/site.sh DIR [MDBOOK]     writes DIR/book; MDBOOK is the program, by default the one in the path
#
# The order is that of docs/README.md; pages that it does not list are an error. What a page links outside of docs/ is a
# file of the repository, and is linked there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:?a directory} mdbook=${2:-mdbook}
repository=$(sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml)
rm -rf "$out" && mkdir -p "$out/src"
cp -R docs/. "$out/src"

# Outside of docs/ is the repository.
find "$out/src" -name '*.md' -exec sed -i -E \
  -e "s#\]\((\.\./)+((README|CONTRIBUTING|CHANGELOG|SECURITY)\.md|(crates|src|tests|kits|examples|golden|schema|editors|release|benches|action|\.ci|\.github)[^)]*|action\.yml|Cargo\.toml|\.pre-commit-hooks\.yaml|LICENSE)\)#](${repository//#/}/blob/main/\2)#g" {} +

# The index is the first page of the site, and mdBook names the others by their files.
find "$out/src" -maxdepth 1 -name '*.md' -exec sed -i 's#](README\.md)#](index.html)#g' {} +

# The pages of the findings have an index of their own, made of their first sentences.
{
  printf '# Findings\n\nWhat check, diff and commit say, by code.\n\n'
  for page in docs/diagnostics/*.md; do
    code=$(basename "$page" .md)
    printf -- '- [%s](%s.md): %s\n' "$code" "$code" "$(awk 'NR > 2 && NF { print; exit }' "$page")"
  done
} >"$out/src/diagnostics/index.md"
sed -i 's#](diagnostics/)#](diagnostics/index.md)#' "$out/src/README.md"

{
  printf '# Summary\n\n[Sovereign](README.md)\n'
  while IFS= read -r line; do
    case $line in
      '## '*) printf '\n# %s\n\n' "${line#\#\# }" ;;
      '- ['*) sed -E 's/^(- \[[^]]*\]\([^)]*\)).*/\1/' <<<"$line" ;;
    esac
    if [[ $line == *'](diagnostics/index.md)'* ]]; then
      sed -nE 's/^(- \[[^]]*\]\()([^)]*\)).*/  \1diagnostics\/\2/p' "$out/src/diagnostics/index.md"
    fi
  done <"$out/src/README.md"
} >"$out/src/SUMMARY.md"
find "$out/src" -name '*.md' ! -name SUMMARY.md -printf '%P\n' | while read -r page; do
  grep -qF "]($page)" "$out/src/SUMMARY.md" || { echo "docs/README.md does not list $page" >&2; exit 1; }
done

cat >"$out/book.toml" <<TOML
[book]
title = "Sovereign"
description = "One typed sovereign.toml in, the complete Flux tree of an OpenOva Sovereign out"
language = "en"
[build]
create-missing = false
[output.html]
git-repository-url = "$repository"
TOML
"$mdbook" build "$out"

python3 - "$out/book" <<'PYTHON'
"""Every link within the site leads to a file that is there, and to an anchor that is in it."""
import html.parser, pathlib, sys, urllib.parse

root = pathlib.Path(sys.argv[1]).resolve()


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.ids.add(value)
            if name in ("href", "src") and value and tag in ("a", "img", "link", "script"):
                self.links.append(value)


pages = {path: Page(path.read_text()) for path in root.rglob("*.html")}
wrong, count = [], 0
for path, page in pages.items():
    # The page of a missing address is served for any of them.
    if path.name in ("404.html", "toc.html", "print.html"):
        continue
    for link in page.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        count += 1
        target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        anchor = urllib.parse.unquote(parts.fragment)
        if not target.is_file():
            wrong.append(f"{path.relative_to(root)}: {link} is not there")
        elif anchor and target in pages and anchor not in pages[target].ids:
            wrong.append(f"{path.relative_to(root)}: {link} has no such anchor")
print(f"{len(pages)} pages, {count} links")
if wrong:
    sys.exit("\n".join(wrong))
PYTHON
