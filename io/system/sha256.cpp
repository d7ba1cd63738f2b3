#include "io/system/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

void check(bool done) {
  if (!done) throw Error(Fault::internal, "libcrypto has no SHA-256");
}

}  // namespace

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  const bool begun = state_ != nullptr && EVP_DigestInit_ex(state_, EVP_sha256(), nullptr) == 1;
  if (!begun) EVP_MD_CTX_free(state_);
  check(begun);
}

Sha256::~Sha256() { EVP_MD_CTX_free(state_); }

void Sha256::add(std::string_view bytes) { check(EVP_DigestUpdate(state_, bytes.data(), bytes.size()) == 1); }

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  check(EVP_DigestFinal_ex(state_, digest.data(), &size) == 1);
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

}  // namespace ytterby::io
