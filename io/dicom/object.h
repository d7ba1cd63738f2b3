#pragma once
// DICOM objects by DCMTK; for the dicom_* files alone.

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::io {

/// Quiet, with its dictionary loaded. Throws Fault::internal where the dictionary is not installed.
void prepare_dcmtk();

/// Reads a file, with or without preamble and meta header; values longer than `longest` bytes stay on disk until asked
/// for. Elements of VR UN whose tag is known are read as what they are (PS3.5 6.2.2). Empty where it is no DICOM.
/// Throws Fault::input naming the file where it says that it is DICOM and breaks off or is damaged, and where it cannot
/// be read.
std::unique_ptr<DcmFileFormat> load_dicom(const std::filesystem::path& path, unsigned longest = 4096);

/// A text without blanks around it; several values are joined by backslashes; empty where there is none.
std::string text_of(DcmItem& item, const DcmTagKey& key);

/// The same for code strings, in capitals: some write them otherwise.
std::string code_of(DcmItem& item, const DcmTagKey& key);

/// The same for names that people gave, in UTF-8: by the SpecificCharacterSet of `item`, or else of `object`. Where
/// that is missing or wrong, bytes that are UTF-8 stay, others are taken as Latin-1.
std::string name_text_of(DcmItem& object, DcmItem& item, const DcmTagKey& key);

/// Decimal numbers or integers of any VR; an empty value at the end is none. Throws Fault::input naming the element and
/// the value where one is no finite number.
std::vector<double> numbers_of(DcmItem& item, const DcmTagKey& key);
std::optional<double> number_of(DcmItem& item, const DcmTagKey& key);

/// A whole number of 0 to 1e9, else empty.
std::optional<int> count_of(DcmItem& item, const DcmTagKey& key);

/// Items of a sequence; none where it is absent.
std::vector<DcmItem*> items_of(DcmItem& item, const DcmTagKey& key);

/// "ImagePositionPatient (0020,0032)".
std::string name_of(const DcmTagKey& key);

/// Unit vectors along rows (x), columns (y) and their cross product from six direction cosines. Throws Fault::input
/// where they are not at right angles.
std::array<Vector3, 3> axes_of(const std::vector<double>& cosines);

inline double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

}  // namespace ytterby::io
