// Where messages end: our readers and Beast's parser never disagree. The comparison is the one of
// the http tests.
#include "fuzz/check.hpp"
#include "http/second_opinion.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::string input(fuzz::text_of(bytes, size));
    auto heads = tests::compare_heads(input);
    fuzz::require(heads.difference.empty(), heads.difference);
    auto messages = tests::compare_messages(input);
    fuzz::require(messages.difference.empty(), messages.difference);
    return 0;
}
