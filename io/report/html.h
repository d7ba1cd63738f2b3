#pragma once
// Pieces of HTML.

#include <string>
#include <string_view>

namespace ytterby::io {

/// Text that is no markup, wherever it comes from: &<>"' as entities; what is no UTF-8, control characters and those
/// that turn the direction of text as U+FFFD.
std::string escaped(std::string_view text);

/// A number with its error as people read them (io/text/figures.h), with a typographic sign between.
std::string figure(double value, double error);

/// A share as a difference in per cent: "+3.6 %", "-71 %".
std::string percent(double share);

/// A row of a table: heading and cell, both escaped.
std::string table_row(const std::string& name, const std::string& value);

/// A method's name for people; not escaped: a dose file may name any.
std::string method_label(const std::string& method);

}  // namespace ytterby::io
