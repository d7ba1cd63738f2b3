#pragma once
// SHA-256 (FIPS 180-4), for knowing inputs again; by libcrypto.

#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace ytterby::io {

/// The hash of a byte stream.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  /// 64 hex digits; the object is used up.
  std::string hex();

 private:
  evp_md_ctx_st* state_;
};

std::string sha256(std::string_view bytes);

}  // namespace ytterby::io
