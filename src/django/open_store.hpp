#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/result.hpp"
#include "source.hpp"

namespace django {

/// A source that is open. The file must outlive what reads it.
struct OpenSource {
    std::unique_ptr<std::ifstream> file{};
    std::unique_ptr<Source> source{};
    std::int64_t bytes = 0;  ///< its size; 0: not known
    std::string kind{};      ///< json, jsonl, xml or sqlite
    std::string identity{};  ///< changes when the file does; empty: nobody can tell
    std::vector<std::string> notes{};

    /// How much of it was read, as far as it can be told.
    std::int64_t bytes_read() const {
        if (!file) return 0;
        auto at = file->tellg();
        return at < 0 ? bytes : static_cast<std::int64_t>(at);
    }
};

/// Looks at how it begins: a SQLite file, XML, or JSON. `-`: standard input. Refused with
/// `cannot_read`. `place`: where to go on, if it is JSON.
base::Result<OpenSource> open_source(const std::filesystem::path& path, std::int64_t row_bytes_max,
                                     SourcePlace place = {});

}  // namespace django
