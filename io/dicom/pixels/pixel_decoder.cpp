#include "io/dicom/pixels/pixel_decoder.h"

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <gdcmAttribute.h>
#include <gdcmImageReader.h>
#include <gdcmTrace.h>
#include <gdcmWriter.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <sstream>
#include <string>

#include "engine/base/error.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr const char* deflated_frames = "1.2.840.10008.1.2.8.1";  // Deflated Image Frame Compression (supplement 244)

[[noreturn]] void fail(const std::string& what) { throw Error(Fault::input, what); }

/// Bytes of one frame: bits are padded to bytes frame by frame in compressed streams alone.
std::size_t frame_bytes(const PixelLayout& layout) {
  return layout.bits_allocated == 1 ? (layout.plane() + 7) / 8
                                    : layout.plane() * static_cast<std::size_t>(layout.bits_allocated) / 8;
}

/// The element's bytes as the machine has them in memory.
RawPixels native(DcmItem& d, const PixelLayout& layout) {
  RawPixels raw;
  raw.sample_bytes = layout.bits_allocated / 8;
  const std::size_t needed = layout.bits_allocated == 1 ? (layout.samples() + 7) / 8
                                                        : layout.samples() * static_cast<std::size_t>(raw.sample_bytes);
  const DcmTagKey tag = !layout.is_float        ? DCM_PixelData
                        : raw.sample_bytes == 4 ? DCM_FloatPixelData
                                                : DCM_DoubleFloatPixelData;
  DcmElement* element = nullptr;
  if (d.findAndGetElement(tag, element).bad() || element == nullptr) fail("has no " + name_of(tag));
  if (element->getLength() < needed) {
    fail("has " + std::to_string(element->getLength()) + " bytes of pixels, its header says " + std::to_string(needed));
  }
  const void* bytes = nullptr;
  if (Float32* floats = nullptr; tag == DCM_FloatPixelData && element->getFloat32Array(floats).good()) bytes = floats;
  if (Float64* floats = nullptr; tag == DCM_DoubleFloatPixelData && element->getFloat64Array(floats).good())
    bytes = floats;
  if (Uint16* words = nullptr; bytes == nullptr && element->getUint16Array(words).good()) bytes = words;
  if (Uint8* octets = nullptr; bytes == nullptr && element->getUint8Array(octets).good()) bytes = octets;
  if (bytes == nullptr) fail("its pixels cannot be read: damaged");
  raw.bytes.resize(needed);
  std::memcpy(raw.bytes.data(), bytes, needed);
  return raw;
}

/// The fragments of an encapsulated object, the offset table left out.
std::vector<std::vector<std::uint8_t>> fragments_of(DcmItem& d) {
  DcmElement* element = nullptr;
  if (d.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) fail("has no " + name_of(DCM_PixelData));
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  DcmPixelSequence* sequence = nullptr;
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  if (pixels != nullptr) pixels->getOriginalRepresentationKey(syntax, parameter);
  if (pixels == nullptr || pixels->getEncapsulatedRepresentation(syntax, parameter, sequence).bad() ||
      sequence == nullptr) {
    fail("its pixels are not encapsulated, as its transfer syntax says");
  }
  std::vector<std::vector<std::uint8_t>> fragments;
  for (unsigned long i = 1; i < sequence->card(); ++i) {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (sequence->getItem(item, i).bad() || item == nullptr || item->getUint8Array(bytes).bad()) {
      fail("fragment " + std::to_string(i) + " of its pixels cannot be read");
    }
    fragments.emplace_back(bytes, bytes + (bytes == nullptr ? 0 : item->getLength()));
  }
  return fragments;
}

/// One segment of runs (PackBits, PS3.5 annex G.3), not beyond `most` bytes.
std::vector<std::uint8_t> unpacked(const std::uint8_t* at, const std::uint8_t* end, std::size_t most) {
  std::vector<std::uint8_t> out;
  while (at < end && out.size() < most) {
    const auto control = static_cast<signed char>(*at++);
    if (control >= 0) {
      const auto n = std::min<std::size_t>(static_cast<std::size_t>(control) + 1, static_cast<std::size_t>(end - at));
      out.insert(out.end(), at, at + n);
      at += n;
    } else if (control != -128 && at < end) {
      out.insert(out.end(), static_cast<std::size_t>(1 - control), *at++);
    }
  }
  out.resize(std::min(out.size(), most));
  return out;
}

/// RLE Lossless: a segment per byte of the sample, the highest first. Bits come packed or one to a byte.
void unpack_frame(const std::vector<std::uint8_t>& fragment, const PixelLayout& layout,
                  std::vector<std::uint8_t>& frame) {
  const auto word = [&](std::size_t i) {
    std::uint32_t value = 0;
    std::memcpy(&value, &fragment[4 * i], 4);
    return value;
  };
  const std::size_t parts = layout.bits_allocated == 1 ? 1 : static_cast<std::size_t>(layout.bits_allocated) / 8;
  if (fragment.size() < 64 || word(0) != parts)
    fail("has an RLE frame of another number of segments than its bits need");
  const std::size_t length = layout.bits_allocated == 1 ? layout.plane() : frame_bytes(layout) / parts;
  frame.resize(frame_bytes(layout));
  for (std::size_t p = 0; p < parts; ++p) {
    const std::size_t from = word(p + 1), to = p + 1 < parts ? word(p + 2) : fragment.size();
    if (from < 64 || from > to || to > fragment.size()) fail("has an RLE frame whose segments lie beyond it");
    const std::vector<std::uint8_t> bytes = unpacked(&fragment[0] + from, &fragment[0] + to, length);
    if (layout.bits_allocated != 1) {
      if (bytes.size() != length) fail("has an RLE frame of too few pixels");
      for (std::size_t i = 0; i < length; ++i) frame[i * parts + (parts - 1 - p)] = bytes[i];
    } else if (bytes.size() == length) {
      std::fill(frame.begin(), frame.end(), std::uint8_t{0});
      for (std::size_t i = 0; i < length; ++i)
        frame[i / 8] |= static_cast<std::uint8_t>((bytes[i] != 0 ? 1U : 0U) << (i % 8));
    } else {
      if (bytes.size() < frame.size()) fail("has an RLE frame of too few pixels");
      std::copy_n(bytes.begin(), frame.size(), frame.begin());
    }
  }
}

void inflate_frame(const std::vector<std::uint8_t>& fragment, std::vector<std::uint8_t>& frame) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("cannot be inflated");
  stream.next_in = const_cast<Bytef*>(fragment.data());
  stream.avail_in = static_cast<uInt>(fragment.size());
  stream.next_out = frame.data();
  stream.avail_out = static_cast<uInt>(frame.size());
  inflate(&stream, Z_FINISH);
  const std::size_t left = stream.avail_out;
  inflateEnd(&stream);
  if (left != 0) fail("has a deflated frame of too few pixels");
}

/// Frames that lie in one fragment each; bits are joined without padding.
template <class Unpack>
RawPixels by_frames(DcmItem& d, const PixelLayout& layout, const Unpack& unpack) {
  const auto fragments = fragments_of(d);
  if (fragments.size() != static_cast<std::size_t>(layout.frames)) {
    fail("has " + std::to_string(fragments.size()) + " compressed frames, its header says " +
         std::to_string(layout.frames));
  }
  RawPixels raw;
  raw.sample_bytes = layout.bits_allocated / 8;
  if (raw.sample_bytes == 0) raw.bytes.resize((layout.samples() + 7) / 8);
  std::vector<std::uint8_t> frame(frame_bytes(layout));
  for (std::size_t f = 0; f < fragments.size(); ++f) {
    unpack(fragments[f], frame);
    if (raw.sample_bytes != 0) {
      raw.bytes.insert(raw.bytes.end(), frame.begin(), frame.end());
      continue;
    }
    for (std::size_t i = 0; i < layout.plane(); ++i) {
      const std::size_t at = f * layout.plane() + i;
      if ((frame[i / 8] >> (i % 8)) & 1U) raw.bytes[at / 8] |= static_cast<std::uint8_t>(1U << (at % 8));
    }
  }
  return raw;
}

template <std::uint16_t group, std::uint16_t element>
void set(gdcm::DataSet& d, std::uint16_t value) {
  gdcm::Attribute<group, element> attribute;
  attribute.SetValue(value);
  d.Replace(attribute.GetAsDataElement());
}

/// GDCM knows streams of bits as those of bytes alone, and multi-frame objects of older classes: the header is told so
/// first.
bool read_as_capture(const std::filesystem::path& file, const PixelLayout& layout, gdcm::ImageReader& reader,
                     std::stringstream& copy) {
  gdcm::Reader header;
  header.SetFileName(file.string().c_str());
  if (!header.Read()) return false;
  gdcm::DataSet& d = header.GetFile().GetDataSet();
  if (layout.bits_allocated == 1) {
    set<0x0028, 0x0100>(d, 8);
    set<0x0028, 0x0101>(d, 8);
    set<0x0028, 0x0102>(d, 7);
  }
  // Multi-frame grayscale byte and word secondary capture.
  gdcm::Attribute<0x0008, 0x0016> sop_class;
  sop_class.SetValue(
      gdcm::UIComp(layout.bits_allocated > 8 ? "1.2.840.10008.5.1.4.1.1.7.3" : "1.2.840.10008.5.1.4.1.1.7.2"));
  d.Replace(sop_class.GetAsDataElement());
  header.GetFile().GetHeader().SetDataSetTransferSyntax(header.GetFile().GetHeader().GetDataSetTransferSyntax());
  gdcm::Writer writer;
  writer.SetFile(header.GetFile());
  writer.SetCheckFileMetaInformation(false);
  writer.SetStream(copy);
  if (!writer.Write()) return false;
  reader.SetStream(copy);
  return reader.Read();
}

RawPixels by_gdcm(const std::filesystem::path& file, const PixelLayout& layout) {
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  gdcm::ImageReader own, capture;
  std::stringstream copy;
  own.SetFileName(file.string().c_str());
  const std::size_t samples = layout.samples();
  // Of a class that it does not know GDCM reads nothing, or the first frame.
  const bool read = layout.bits_allocated != 1 && own.Read() && own.GetImage().GetBufferLength() >= samples;
  if (!read && !read_as_capture(file, layout, capture, copy))
    fail("its pixels cannot be read: truncated, damaged or of an unknown transfer syntax");
  const gdcm::Image& image = read ? own.GetImage() : capture.GetImage();
  if (image.GetPixelFormat().GetSamplesPerPixel() != 1) fail("has colours, needs one value per pixel");
  const std::size_t found = image.GetBufferLength();
  if (found != samples && found != 2 * samples && found != 4 * samples) {
    fail("has " + std::to_string(found) + " bytes of pixels, its header says " +
         std::to_string(samples * static_cast<std::size_t>(std::max(8, layout.bits_allocated)) / 8));
  }
  RawPixels raw;
  raw.as_allocated = false;
  raw.sample_bytes = static_cast<int>(found / samples);
  raw.bytes.resize(found);
  if (!image.GetBuffer(reinterpret_cast<char*>(raw.bytes.data())))
    fail("its pixels cannot be decoded: truncated or damaged");
  return raw;
}

}  // namespace

RawPixels decode(const std::filesystem::path& file, const PixelLayout& layout) {
  const auto object = load_dicom(file);
  if (!object) fail("is no DICOM any more");
  DcmDataset& d = *object->getDataset();
  const E_TransferSyntax syntax = d.getOriginalXfer();
  const std::string uid =
      object->getMetaInfo() == nullptr ? "" : text_of(*object->getMetaInfo(), DCM_TransferSyntaxUID);
  if (uid == deflated_frames) return by_frames(d, layout, inflate_frame);
  if (syntax == EXS_RLELossless) {
    return by_frames(d, layout, [&](const auto& fragment, auto& frame) { unpack_frame(fragment, layout, frame); });
  }
  if (syntax == EXS_LittleEndianImplicit || syntax == EXS_LittleEndianExplicit ||
      syntax == EXS_DeflatedLittleEndianExplicit) {
    return native(d, layout);
  }
  if (syntax == EXS_BigEndianExplicit && layout.bits_allocated <= 16) return native(d, layout);
  if (layout.bits_allocated > 16)
    fail("has " + std::to_string(layout.bits_allocated) +
         " bits allocated in a compressed or big-endian object, needs to have 8 or 16");
  return by_gdcm(file, layout);
}

}  // namespace ytterby::io
