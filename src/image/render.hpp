#pragma once

#include <string>
#include <string_view>

#include "job.hpp"

namespace image {

/// What came of it, and why: the end of a sentence.
void say(Report& report, Outcome outcome, std::string_view why);

/// What a worker does with one picture; `made` gets the rendition, if one is wanted. Reports what
/// is wrong, and throws nothing.
Report render(const Job& job, std::string_view file, std::string& made);

}  // namespace image
