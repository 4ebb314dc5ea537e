#pragma once

#include <string>

namespace tests {

/// A page that gets texts at /texts, many at a time, shows each, and posts to /verdict what is
/// wrong with it: `{"shown": 12, "faults": ["…"]}`.
std::string judging_page();

/// What the page may do, and is told of if anything else does: nothing is held back.
std::string judging_policy();

}  // namespace tests
