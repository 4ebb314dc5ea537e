#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cache.hpp"
#include "http/message.hpp"
#include "news/queries.hpp"

namespace legacy {

/// Answers ready to send, each good for as long as nothing has changed in what it was made from; at
/// most so many, and none that is large. Thread-safe.
class ApiCache {
public:
    using Answer = std::shared_ptr<const http::PreparedResponse>;
    /// The generations of what an answer shows, read before it was made.
    using Stamp = std::vector<news::Generation>;
    static constexpr std::size_t answer_bytes_max = 256 * 1024;

    explicit ApiCache(std::size_t answers_max) : entries_(answers_max), on_(answers_max > 0) {}

    /// Null if it is not there, or was made from something else.
    Answer find(const std::string& key, const Stamp& now);
    void put(const std::string& key, Stamp stamp, Answer answer);

private:
    struct Entry {
        Stamp stamp;
        Answer answer;
    };
    base::Cache<std::string, Entry> entries_;
    const bool on_;
};

}  // namespace legacy
