#pragma once

// Catch2, version 2 or 3: keep to the macros that both have.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace Catch {  // version 3 moved these
using Matchers::EndsWith;
using Matchers::StartsWith;
inline auto Contains(const std::string& part) {
    return Matchers::ContainsSubstring(part);
}
}  // namespace Catch
#else
#include <catch2/catch.hpp>
#endif

#include "base/result.hpp"

/// So that `REQUIRE(result)` compiles for any value, and a failed one tells the refusal.
template <class T>
struct Catch::StringMaker<boost::system::result<T, base::Error>> {
    static std::string convert(const boost::system::result<T, base::Error>& result) {
        if (result) return "a value";
        return "refused: " + result.error().code + ": " + result.error().message;
    }
};
