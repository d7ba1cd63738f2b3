#pragma once
// A page without a script: headings, tables, notes.

#include <string>
#include <string_view>
#include <vector>

namespace ytterby::io {

/// A number that a page opens with: what it is, the value, and a line below; `tone` is "", "pass", "fail" or "caution".
struct Tile {
  std::string name, value, detail, tone;
};

/// The page around `body`, which is HTML; the title is escaped. Light and dark, for any width and for paper.
std::string plain_page(const std::string& title, std::string_view body);

/// HTML of tiles side by side; their texts are escaped.
std::string tiles(const std::vector<Tile>& all);

/// A table that scrolls sideways where a screen is too narrow. Cells are HTML; those of `texts` first columns are set
/// to the left, numbers to the right.
std::string data_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
                       int texts = 1);

/// "pass" and "fail" with their colours and words, anything else as "not judged".
std::string judgement(std::string_view word);

}  // namespace ytterby::io
