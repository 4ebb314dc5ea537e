#pragma once

#include <string>

#include "base/result.hpp"
#include "manifest.hpp"

namespace backup {

/// The SHA-256 of a text, in hexadecimal.
using Digest = std::string (*)(std::string_view);

/// The manifest as text: an object with it and its digest.
std::string to_json(const Manifest& manifest, Digest digest);

/// Its reverse. Refused with `manifest_damaged` and what is wrong with it: it is no such object, of
/// another form or a later version, or not what was written.
base::Result<Manifest> manifest_from_json(const std::string& written, Digest digest);

}  // namespace backup
