#pragma once
// The processes that share a run. engine/mpi has the implementation on MPI; the tests have one on threads.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace ytterby {

/// What one rank failed of, thrown on all of them: rank 0 prints it, the others end in silence.
class SharedError : public Error {
 public:
  using Error::Error;
};

/// Ranks 0 .. size - 1 of one program. The calls marked as collective are made by all ranks in the same order, from
/// the thread that began; where a rank has called fail() instead, they throw SharedError on the others.
class Ranks {
 public:
  virtual ~Ranks() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual int local_rank() const = 0;    // among the ranks on this machine
  [[nodiscard]] virtual int threads() const = 0;       // this rank's share of the processors that it may use
  [[nodiscard]] virtual std::string note() const = 0;  // what the user should know of the start, or empty

  /// Collective. Everybody's bytes, one rank behind the other; each gives equally many.
  virtual std::vector<std::byte> gather(std::span<const std::byte> mine) = 0;

  /// Collective. Rank 0's elements become the sums over all ranks; the others' stay. Exact: Fault::internal where a sum
  /// overflows.
  virtual void add_up(std::span<std::int64_t> sums, std::span<unsigned __int128> squares,
                      std::span<std::uint16_t> hits) = 0;

  /// Point to point, of any size; the receiver knows how many.
  virtual void send(int to, std::span<const std::int64_t> values) = 0;
  virtual void receive(int from, std::span<std::int64_t> values) = 0;

  /// Asks the other ranks to come to meeting number `meeting`.
  virtual void call(std::uint64_t meeting) = 0;
  /// Has a rank called for this meeting? Cheap. Calls for earlier ones are forgotten.
  [[nodiscard]] virtual bool called(std::uint64_t meeting) = 0;

  /// In place of the next collective call: this rank cannot go on. Returns the error of the first rank that failed,
  /// which is what rank 0 prints.
  virtual SharedError fail(Fault fault, const std::string& message) = 0;
};

}  // namespace ytterby
