#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ranking_state.hpp"

namespace recommendation {

/// Names for readers from which nobody can tell who they are without the key, which stands in
/// recommendation.db alone: the first 64 bits of HMAC-SHA-256. Thread-safe.
class Pseudonyms {
public:
    explicit Pseudonyms(std::string key) : key_(std::move(key)) {}

    ReaderHash of_user(std::int64_t id) const { return hash('u', std::to_string(id)); }
    /// Of somebody who is not logged in, by what their browser calls itself.
    ReaderHash of_session(std::string_view session) const { return hash('s', session); }
    /// 16 bytes for a visit that somebody has given a name.
    std::string of_visit(ReaderHash reader, std::string_view name) const;

private:
    ReaderHash hash(char kind, std::string_view text) const;

    std::string key_;
};

}  // namespace recommendation
