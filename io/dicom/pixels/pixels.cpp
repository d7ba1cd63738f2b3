#include "io/dicom/pixels/pixels.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string>

#include "engine/base/error.h"
#include "io/dicom/pixels/pixel_decoder.h"
#include "io/system/own_process.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

[[noreturn]] void fail(const std::string& what) { throw Error(Fault::input, what); }

/// What the child says before the bytes of an object, or before the text of its refusal.
struct Answer {
  std::uint64_t length = 0;
  std::int32_t sample_bytes = 0;
  std::int32_t as_allocated = 0;
  std::int32_t refused = 0;
};

bool write_all(int pipe, const void* data, std::size_t length) {
  const char* at = static_cast<const char*>(data);
  while (length > 0) {
    const ssize_t n = ::write(pipe, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    length -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int pipe, void* data, std::size_t length) {
  char* at = static_cast<char*>(data);
  while (length > 0) {
    const ssize_t n = ::read(pipe, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    length -= static_cast<std::size_t>(n);
  }
  return true;
}

constexpr unsigned seconds_each = 120;  // by the clock: a large object, a slow disk, or a parent that takes its time

bool answer(int pipe, const PixelRequest& object) {
  Answer head;
  RawPixels raw;
  std::string what;
  try {
    raw = decode(object.file, object.layout);
  } catch (const Error& error) {
    what = error.what();
    head.refused = 1;
  }
  head.length = head.refused != 0 ? what.size() : raw.bytes.size();
  head.sample_bytes = raw.sample_bytes;
  head.as_allocated = raw.as_allocated ? 1 : 0;
  ::alarm(0);  // while the parent takes it
  return write_all(pipe, &head, sizeof head) &&
         write_all(pipe, head.refused != 0 ? static_cast<const void*>(what.data()) : raw.bytes.data(), head.length);
}

[[noreturn]] void in_child(int pipe, const std::vector<PixelRequest>& objects, const ProcessLimits& limits) {
  confine(limits);
  int status = 0;
  try {
    for (const PixelRequest& object : objects) {
      ::alarm(seconds_each);
      if (!answer(pipe, object)) break;
    }
  } catch (const std::bad_alloc&) {
    status = out_of_memory_status;
  } catch (...) {
    status = 1;
  }
  ::_exit(status);
}

double bytes_of(const PixelLayout& layout) {
  return static_cast<double>(layout.plane()) * layout.frames * std::max(8, layout.bits_allocated) / 8;
}

/// The process that decodes; it is waited for whatever happens.
class Decoder {
 public:
  explicit Decoder(const std::vector<PixelRequest>& objects) {
    double largest = 0;
    for (const PixelRequest& object : objects) largest = std::max(largest, bytes_of(object.layout));
    ProcessLimits limits;
    limits.wait = seconds_each;
    limits.seconds = 30 + 2 * objects.size() + static_cast<std::uint64_t>(largest / 1e6);
    // Decoders hold the compressed file and some copies of the pixels in 32 bits.
    if (const std::uint64_t space = address_space(); space > 0) {
      limits.memory = space + (std::uint64_t{1} << 30) + static_cast<std::uint64_t>(16 * largest);
    }
    int ends[2];
    if (::pipe(ends) != 0) throw Error(Fault::internal, "no pipe for the process that decodes pixels");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends[0]);
      in_child(ends[1], objects, limits);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
    if (child_ < 0) {
      ::close(pipe_);
      throw Error(Fault::internal, "no process to decode pixels in: " + std::string(std::strerror(errno)));
    }
  }
  ~Decoder() {
    if (child_ > 0) end();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  RawPixels next(const PixelRequest& object) {
    Answer head;
    if (!read_all(pipe_, &head, sizeof head)) refuse(object.file, why_it_ended());
    const bool fits =
        head.refused != 0 ? head.length < 10'000 : static_cast<double>(head.length) <= 8 * bytes_of(object.layout) + 8;
    if (!fits) refuse(object.file, "its pixels cannot be decoded: damaged");
    if (head.refused != 0) {
      std::string what(head.length, ' ');
      if (!read_all(pipe_, what.data(), what.size())) refuse(object.file, why_it_ended());
      if (what.starts_with(object.file.string())) throw Error(Fault::input, what);
      refuse(object.file, what);
    }
    RawPixels raw;
    raw.sample_bytes = head.sample_bytes;
    raw.as_allocated = head.as_allocated != 0;
    raw.bytes.resize(head.length);
    if (!read_all(pipe_, raw.bytes.data(), raw.bytes.size())) refuse(object.file, why_it_ended());
    const double samples = static_cast<double>(object.layout.plane()) * object.layout.frames;
    const double needed = raw.sample_bytes == 0 ? samples / 8 : samples * raw.sample_bytes;
    const bool whole =
        raw.sample_bytes >= 0 && raw.sample_bytes <= 8 && static_cast<double>(raw.bytes.size()) >= needed;
    if (!whole) refuse(object.file, "its pixels cannot be decoded: damaged");
    return raw;
  }

 private:
  ProcessEnd end() {
    ::close(pipe_);
    const pid_t child = child_;
    child_ = -1;
    return wait_for(child);
  }
  std::string why_it_ended() {
    switch (end()) {
      case ProcessEnd::crashed:
        return "is damaged: the decoder crashes on its pixels";
      case ProcessEnd::greedy:
        return "is damaged: the decoder needs more memory or time for its pixels than they can be worth";
      default:
        return "its pixels cannot be decoded: the decoder's process ended";
    }
  }

  pid_t child_ = -1;
  int pipe_ = -1;
};

int bits_of(DcmItem& d, const DcmTagKey& key, int otherwise) { return count_of(d, key).value_or(otherwise); }

/// US or SS by PixelRepresentation, whatever the file writes it as.
std::optional<std::int64_t> padding_of(DcmItem& d, const DcmTagKey& key, const PixelLayout& layout) {
  DcmElement* element = nullptr;
  if (layout.is_float || d.findAndGetElement(key, element).bad() || element == nullptr || element->getLength() == 0)
    return {};
  const auto value = number_of(d, key);
  if (!value || *value != static_cast<double>(static_cast<std::int64_t>(*value))) return {};
  const std::uint64_t mask = (std::uint64_t{1} << layout.bits_stored) - 1,
                      sign = std::uint64_t{1} << (layout.bits_stored - 1);
  const std::uint64_t bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(*value)) & mask;
  const auto stored = static_cast<std::int64_t>(bits);
  return layout.is_signed && (bits & sign) != 0 ? stored - static_cast<std::int64_t>(mask) - 1 : stored;
}

/// Overlays in unused bits of the pixels (PS3.3 C.9.2, as it was before 2004): groups 6000 to 601E.
bool has_overlay_bits(DcmItem& d) {
  for (Uint16 group = 0x6000; group <= 0x601E; group += 2) {
    if (count_of(d, DcmTagKey(group, 0x0100)).value_or(1) > 1) return true;  // OverlayBitsAllocated
  }
  return false;
}

std::vector<double> checked_values(const RawPixels& raw, const PixelRequest& object) {
  try {
    return values_of(raw, object.layout);
  } catch (const Error& error) {
    refuse(object.file, error.what());
  }
}

}  // namespace

PixelLayout read_layout(DcmItem& d) {
  PixelLayout layout;
  layout.columns = count_of(d, DCM_Columns).value_or(0);
  layout.rows = count_of(d, DCM_Rows).value_or(0);
  if (layout.columns < 1 || layout.rows < 1 || layout.columns > 65535 || layout.rows > 65535) {
    fail("has " + std::to_string(layout.columns) + " columns and " + std::to_string(layout.rows) + " rows");
  }
  layout.frames = count_of(d, DCM_NumberOfFrames).value_or(1);
  if (layout.frames < 1) fail(name_of(DCM_NumberOfFrames) + " is 0");
  if (bits_of(d, DCM_SamplesPerPixel, 1) != 1) fail("has colours, needs one value per pixel");
  layout.is_float = d.tagExists(DCM_FloatPixelData) || d.tagExists(DCM_DoubleFloatPixelData);
  layout.bits_allocated = bits_of(d, DCM_BitsAllocated, 0);
  const int allocated = layout.bits_allocated;
  if (layout.is_float ? allocated != 32 && allocated != 64
                      : allocated != 1 && allocated != 8 && allocated != 16 && allocated != 32) {
    fail(name_of(DCM_BitsAllocated) + " is " + std::to_string(allocated) + ", needs to be 8, 16 or 32");
  }
  layout.bits_stored = layout.is_float ? 1 : bits_of(d, DCM_BitsStored, allocated);
  layout.high_bit = layout.is_float ? 0 : bits_of(d, DCM_HighBit, layout.bits_stored - 1);
  if (layout.bits_stored < 1 || layout.bits_stored > allocated || layout.high_bit + 1 < layout.bits_stored ||
      layout.high_bit >= allocated) {
    fail(name_of(DCM_BitsStored) + " is " + std::to_string(layout.bits_stored) + " and " + name_of(DCM_HighBit) +
         " is " + std::to_string(layout.high_bit) + ", which do not go with " + std::to_string(allocated) +
         " bits allocated");
  }
  layout.is_signed = bits_of(d, DCM_PixelRepresentation, 0) == 1;
  layout.has_overlay_bits = has_overlay_bits(d);
  layout.padding = padding_of(d, DCM_PixelPaddingValue, layout);
  layout.padding_limit = padding_of(d, DCM_PixelPaddingRangeLimit, layout);
  return layout;
}

void read_pixels(const std::vector<PixelRequest>& objects,
                 const std::function<void(std::size_t, std::vector<double>)>& take) {
  Decoder decoder(objects);
  for (std::size_t i = 0; i < objects.size(); ++i) take(i, checked_values(decoder.next(objects[i]), objects[i]));
}

RawPixels read_raw_pixels(const std::filesystem::path& file, const PixelLayout& layout) {
  const std::vector<PixelRequest> object{{file, layout}};
  return Decoder(object).next(object.front());
}

std::vector<double> read_pixels(const std::filesystem::path& file, const PixelLayout& layout) {
  return checked_values(read_raw_pixels(file, layout), {file, layout});
}

}  // namespace ytterby::io
