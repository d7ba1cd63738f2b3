#include "io/report/content_policy.h"

#include <cstddef>
#include <vector>

#include "io/report/base64.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

std::string source(std::string_view text) {
  if (text.empty()) return "'none'";
  const std::string hex = sha256(text);
  std::vector<unsigned char> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<unsigned char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return "'sha256-" + base64(bytes) + "'";
}

}  // namespace

std::string content_policy(std::string_view script, std::string_view style) {
  return "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src " + source(script) +
         "; style-src " + source(style) + "; base-uri 'none'; form-action 'none'\">";
}

std::string safe_in_script(std::string json) {
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos; at += 6) json.replace(at, 1, "\\u003c");
  return json;
}

}  // namespace ytterby::io
