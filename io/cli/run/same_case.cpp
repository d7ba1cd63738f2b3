#include "io/cli/run/same_case.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/version.h"
#include "io/system/sha256.h"

namespace ytterby::cli {
namespace {

using Hash = std::array<char, 64>;

Hash hash_in(std::string_view hex) {
  Hash hash{};
  std::copy_n(hex.begin(), std::min(hex.size(), hash.size()), hash.begin());
  return hash;
}

/// What ranks tell each other first.
struct Card {
  Hash content{}, build{};
  std::array<char, 64> machine{};
  std::uint64_t inputs = 0;
};

template <class T>
std::vector<T> gathered(Ranks& ranks, std::span<const T> mine) {
  const std::vector<std::byte> bytes = ranks.gather(std::as_bytes(mine));
  std::vector<T> all(bytes.size() / sizeof(T));
  std::memcpy(all.data(), bytes.data(), all.size() * sizeof(T));
  return all;
}

Card own_card(const io::PreparedCase& prepared) {
  Card card{hash_in(prepared.content_hash),
            hash_in(io::sha256(std::string(program_version()) + "\n" + std::string(git_commit()) + "\n" +
                               std::string(build_description()))),
            {},
            prepared.inputs.size()};
  ::gethostname(card.machine.data(), card.machine.size() - 1);
  return card;
}

}  // namespace

void check_same_case(Ranks& ranks, const io::PreparedCase& prepared) {
  const Card mine = own_card(prepared);
  const std::vector<Card> cards = gathered<Card>(ranks, {&mine, 1});
  const auto other = [&](auto differs) { return std::find_if(cards.begin(), cards.end(), differs); };
  const auto who = [&](auto card) {
    return "rank " + std::to_string(card - cards.begin()) + " on " + card->machine.data();
  };
  const auto built = other([&](const Card& c) { return c.build != cards[0].build; });
  if (built != cards.end()) {
    throw Error(Fault::input, who(built) + " is another build of the program than " + who(cards.begin()) +
                                  ": copy one to all machines (`ytterby info` says which it is)");
  }
  const auto stale = other([&](const Card& c) { return c.content != cards[0].content; });
  if (stale == cards.end()) return;
  std::string what = "another case";
  const bool same_number =
      std::all_of(cards.begin(), cards.end(), [&](const Card& c) { return c.inputs == mine.inputs; });
  if (same_number && !prepared.inputs.empty()) {
    std::vector<Hash> hashes;
    for (const io::InputFile& input : prepared.inputs) hashes.push_back(hash_in(input.sha256));
    const std::vector<Hash> all = gathered<Hash>(ranks, hashes);
    const std::size_t n = hashes.size(), at = static_cast<std::size_t>(stale - cards.begin()) * n;
    for (std::size_t i = 0; i < n && what == "another case"; ++i) {
      if (all[at + i] != all[i]) what = "another " + prepared.inputs[i].name;
    }
  }
  throw Error(Fault::input, who(stale) + " has " + what + " than " + who(cards.begin()) +
                                ": all ranks need the same files, copy them anew");
}

}  // namespace ytterby::cli
