#pragma once

#include <string_view>

#include "public_keys_crypto.hpp"

namespace legacy {

/// The keys of a JWKS (RFC 7517) that check RS256. Entries of other kinds or other uses are left
/// out. Refused (invalid), with a sentence that goes on after the file's name: no JWKS, none that
/// can be used, more than 16, a private or symmetric key among them, or two of one `kid`. Pure.
base::Result<PublicKeys> public_keys_from_json(std::string_view json);

}  // namespace legacy
