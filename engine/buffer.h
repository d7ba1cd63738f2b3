#pragma once
// Device memory that owns itself. Plain allocations; never managed memory.

#include <cstddef>
#include <span>
#include <vector>

namespace ytterby {

/// Untyped device memory, freed at the end; a failure to free is ignored (the device is gone then).
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Throws Fault::device with the size where there is no room.
  explicit DeviceMemory(std::size_t bytes);
  DeviceMemory(DeviceMemory&& other) noexcept;
  DeviceMemory& operator=(DeviceMemory&& other) noexcept;
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  [[nodiscard]] void* data() const { return data_; }
  void copy_from(const void* host, std::size_t bytes);
  void copy_to(void* host, std::size_t bytes) const;
  void clear(std::size_t bytes);

 private:
  void* data_ = nullptr;
};

/// `size` elements of T in device memory.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  /// Zeroed.
  explicit DeviceBuffer(std::size_t size) : memory_(size * sizeof(T)), size_(size) { memory_.clear(size * sizeof(T)); }
  explicit DeviceBuffer(std::span<const T> host) : memory_(host.size_bytes()), size_(host.size()) {
    memory_.copy_from(host.data(), host.size_bytes());
  }

  [[nodiscard]] T* data() const { return static_cast<T*>(memory_.data()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<T> host() const {
    std::vector<T> result(size_);
    memory_.copy_to(result.data(), size_ * sizeof(T));
    return result;
  }

 private:
  DeviceMemory memory_;
  std::size_t size_ = 0;
};

}  // namespace ytterby
