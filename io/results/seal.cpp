#include "io/results/seal.h"

#include "engine/base/error.h"

namespace ytterby::io {

std::optional<Warning> check_seal(const Hdf5File& h5, const std::filesystem::path& path, Trust trust) {
  const Hdf5Seal seal = h5.seal_state();
  if (seal == Hdf5Seal::fits) return {};
  if (seal == Hdf5Seal::none && h5.text("/", "format_version") == "1.0") {
    return Warning{"file-without-digest",
                   WarningClass::note,
                   path.filename().string() +
                       ": is of format 1.0, which has no digest: whether it is as it was written is not known",
                   {}};
  }
  const std::string what = std::string(seal == Hdf5Seal::none ? ": lacks its digest" : ": does not fit its digest") +
                           ": it was changed or damaged since it was written";
  // What is kept in results names no folder.
  if (trust == Trust::any)
    return Warning{"file-changed", WarningClass::wrong_dose, path.filename().string() + what, {}};
  throw Error(Fault::input,
              path.string() + what + "; compute it again (`ytterby export --unverified` takes a dose as it is)");
}

}  // namespace ytterby::io
