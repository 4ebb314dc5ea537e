#pragma once

#include <string>

#include "kept_import.hpp"

namespace django {

/// `{"imports": [{model, finished_at, source, cut_off, unreadable, vanished, rules}]}`, by model.
std::string to_json(const KeptImports& imports);

}  // namespace django
