#pragma once
// What a page may do: run the script and wear the style that stand in it, and nothing else.

#include <string>
#include <string_view>

namespace ytterby::io {

/// A Content-Security-Policy (W3C, level 3) as a meta element, for the head's first place: one script and one style are
/// let in, by their SHA-256; empty: none. Nothing is fetched, framed or sent. Attributes `style` and `on...` are dead.
std::string content_policy(std::string_view script, std::string_view style);

/// JSON that cannot end the script element it stands in: every "<" of its texts is written as an escape of JSON.
std::string safe_in_script(std::string json);

}  // namespace ytterby::io
