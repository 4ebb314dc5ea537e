#pragma once

#include <string>

namespace tests {

/// What another parser says of a text that our own readers were given. Where two parsers disagree
/// about one message, requests are smuggled.
struct Opinion {
    bool taken = false;        ///< by ours; only then there is something to compare
    std::string difference{};  ///< empty: none
};

/// The head guard against Beast's parser: where the head that begins `bytes` ends, and everything
/// that is read in it.
Opinion compare_heads(const std::string& bytes);

/// The head guard and the chunk decoder against Beast's parser: where each of the messages ends
/// that follow one another in `bytes`, and what its body is. `taken`: at least one was whole.
Opinion compare_messages(const std::string& bytes);

}  // namespace tests
