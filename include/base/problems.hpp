#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace base {

/// The refusal of an input that breaks rules. `message` begins its sentence ("The API key cannot be
/// made: "), which goes on with all problems, each as its field and what is wrong with it.
Error invalid_input(std::string code, std::string message, std::vector<Problem> problems);

/// The refusal of what cannot be read, as a query or a body; `message` is the whole sentence.
Error malformed(std::string code, std::string message);

}  // namespace base
