// Ranks on MPI: a library that the program loads where it was started by mpirun or srun, and at no other time.

#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <thread>

#include "engine/dose/statistics.h"
#include "engine/mpi/open_ranks.h"
#include "engine/mpi/voxel_sums.h"

namespace ytterby {
namespace {

constexpr std::size_t slice_voxels = 1u << 18;              // of a reduction: 6 MiB
constexpr std::size_t slice_values = std::size_t{1} << 24;  // of a message, well below MPI's counts of 2^31
constexpr int call_tag = 1, values_tag = 2;

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(Fault::device, std::string("MPI: ") + what + ": " + text);
}

/// What the ranks tell each other first in every collective call.
struct Failure {
  int failed = 0, fault = 0;
  char message[1016] = {};
};

void add_in_mpi(void* from, void* to, int* count, MPI_Datatype* /*type*/) {
  add_voxel_sums(static_cast<const VoxelSum*>(from), static_cast<VoxelSum*>(to), static_cast<std::size_t>(*count));
}

class MpiRanks : public Ranks {
 public:
  MpiRanks() {
    int given = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given), "start");
    check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "start");
    check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "start");
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
    MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &node_);
    MPI_Comm_rank(node_, &local_rank_);
    MPI_Type_contiguous(sizeof(VoxelSum), MPI_BYTE, &voxel_);
    MPI_Type_commit(&voxel_);
    MPI_Op_create(add_in_mpi, 1, &add_);
    share_processors();
  }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;
  ~MpiRanks() override {
    MPI_Op_free(&add_);
    MPI_Type_free(&voxel_);
    MPI_Comm_free(&node_);
    MPI_Comm_free(&comm_);
    MPI_Finalize();
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] int local_rank() const override { return local_rank_; }
  [[nodiscard]] int threads() const override { return threads_; }
  [[nodiscard]] std::string note() const override { return note_; }

  std::vector<std::byte> gather(std::span<const std::byte> mine) override {
    std::vector<std::byte> all(mine.size() * static_cast<std::size_t>(size_));
    share_failures({});
    const int count = static_cast<int>(mine.size());
    check(MPI_Allgather(mine.data(), count, MPI_BYTE, all.data(), count, MPI_BYTE, comm_), "exchange");
    return all;
  }

  void add_up(std::span<std::int64_t> sums, std::span<unsigned __int128> squares,
              std::span<std::uint16_t> hits) override {
    std::vector<VoxelSum> slice(std::min(sums.size(), slice_voxels));
    share_failures({});
    voxel_sums_overflowed() = false;
    for (std::size_t first = 0; first < sums.size(); first += slice.size()) {
      const std::size_t count = std::min(slice.size(), sums.size() - first);
      pack(sums.subspan(first, count), squares.subspan(first, count), hits.subspan(first, count), slice);
      const void* mine = rank_ == 0 ? MPI_IN_PLACE : slice.data();
      check(MPI_Reduce(mine, slice.data(), static_cast<int>(count), voxel_, add_, 0, comm_), "sum");
      if (rank_ == 0)
        unpack(slice, sums.subspan(first, count), squares.subspan(first, count), hits.subspan(first, count));
    }
    int here = voxel_sums_overflowed() ? 1 : 0, anywhere = 0;
    check(MPI_Allreduce(&here, &anywhere, 1, MPI_INT, MPI_MAX, comm_), "sum");
    if (anywhere != 0) throw Error(Fault::internal, "the tallies of all ranks overflow; run fewer histories");
  }

  void send(int to, std::span<const std::int64_t> values) override {
    for (; !values.empty(); values = values.subspan(std::min(values.size(), slice_values)))
      check(MPI_Send(values.data(), static_cast<int>(std::min(values.size(), slice_values)), MPI_INT64_T, to,
                     values_tag, comm_),
            "send");
  }

  void receive(int from, std::span<std::int64_t> values) override {
    for (; !values.empty(); values = values.subspan(std::min(values.size(), slice_values)))
      check(MPI_Recv(values.data(), static_cast<int>(std::min(values.size(), slice_values)), MPI_INT64_T, from,
                     values_tag, comm_, MPI_STATUS_IGNORE),
            "receive");
  }

  void call(std::uint64_t meeting) override {
    for (int r = 0; r < size_; ++r)
      if (r != rank_) check(MPI_Send(&meeting, 1, MPI_UINT64_T, r, call_tag, comm_), "call");
  }

  bool called(std::uint64_t meeting) override {
    while (latest_call_ < meeting) {
      int waiting = 0;
      MPI_Status status;
      check(MPI_Iprobe(MPI_ANY_SOURCE, call_tag, comm_, &waiting, &status), "look for calls");
      if (waiting == 0) return false;
      std::uint64_t number = 0;
      check(MPI_Recv(&number, 1, MPI_UINT64_T, status.MPI_SOURCE, call_tag, comm_, MPI_STATUS_IGNORE), "be called");
      latest_call_ = std::max(latest_call_, number);
    }
    return true;
  }

  SharedError fail(Fault fault, const std::string& message) override {
    Failure mine;
    mine.failed = 1;
    mine.fault = static_cast<int>(fault);
    std::strncpy(mine.message, message.c_str(), sizeof(mine.message) - 1);
    try {
      share_failures(mine);
    } catch (const SharedError& error) {
      return error;
    } catch (const Error&) {
      // The others cannot be told: mpirun ends them.
    }
    return {fault, message};
  }

 private:
  void share_failures(const Failure& mine) {
    int failed = mine.failed, any = 0;
    check(MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, comm_), "exchange");
    if (any == 0) return;
    std::vector<Failure> all(static_cast<std::size_t>(size_));
    check(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, comm_), "exchange");
    for (const Failure& f : all)
      if (f.failed != 0) throw SharedError(static_cast<Fault>(f.fault), f.message);
  }

  /// A rank counts every processor that it may use, shared with the ranks beside it that may use it, too.
  void share_processors() {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    sched_getaffinity(0, sizeof mine, &mine);
    int local = 1;
    MPI_Comm_size(node_, &local);
    std::vector<cpu_set_t> all(static_cast<std::size_t>(local));
    MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, node_);
    double share = 0;
    int used = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      const auto users = std::count_if(
          all.begin(), all.end(), [cpu](const cpu_set_t& s) { return CPU_ISSET(static_cast<std::size_t>(cpu), &s); });
      used += users > 0;
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &mine)) share += 1.0 / static_cast<double>(users);
    }
    threads_ = std::max(1, static_cast<int>(share + 1e-9));
    const int there = static_cast<int>(std::thread::hardware_concurrency());
    if (rank_ == 0 && used < there)
      note_ = "the ranks are bound to " + std::to_string(used) + " of " + std::to_string(there) +
              " processors: mpirun --bind-to none gives them all";
  }

  static void pack(std::span<const std::int64_t> sums, std::span<const unsigned __int128> squares,
                   std::span<const std::uint16_t> hits, std::vector<VoxelSum>& slice) {
    for (std::size_t v = 0; v < sums.size(); ++v)
      slice[v] = {sums[v], static_cast<std::uint64_t>(squares[v]), static_cast<std::uint64_t>(squares[v] >> 64),
                  hits[v]};
  }

  static void unpack(const std::vector<VoxelSum>& slice, std::span<std::int64_t> sums,
                     std::span<unsigned __int128> squares, std::span<std::uint16_t> hits) {
    for (std::size_t v = 0; v < sums.size(); ++v) {
      sums[v] = slice[v].energy;
      squares[v] = static_cast<unsigned __int128>(slice[v].high) << 64 | slice[v].low;
      hits[v] = counted_hits(slice[v].hits);
    }
  }

  MPI_Comm comm_ = MPI_COMM_NULL, node_ = MPI_COMM_NULL;
  MPI_Datatype voxel_ = MPI_DATATYPE_NULL;
  MPI_Op add_ = MPI_OP_NULL;
  int rank_ = 0, size_ = 1, local_rank_ = 0, threads_ = 1;
  std::string note_;
  std::uint64_t latest_call_ = 0;
};

}  // namespace
}  // namespace ytterby

extern "C" ytterby::Ranks* ytterby_open_ranks() { return new ytterby::MpiRanks; }
