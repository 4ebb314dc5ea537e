#pragma once

#include <filesystem>
#include <string>

#include "lookup.hpp"
#include "out_file.hpp"

namespace django {

/// What the rows of an export do not say, each a line of JSON, as many as the disk takes. Beside
/// the export and for its owner alone; there only if there is something to tell. One thread.
class KeptFile {
public:
    explicit KeptFile(std::filesystem::path path) : path_(std::move(path)), file_(path_) {}

    base::Result<void> open() { return file_.open(); }
    void add(const std::string& code, const Row& row, const std::string& message) {
        auto line = Value::object();
        line.set("code", Value(code));
        line.set("model", Value(row.model));
        line.set("pk", row.key);
        line.set("message", Value(message));
        file_.add_line(to_json(line));
        is_empty_ = false;
    }
    /// Takes away that of an earlier export if there is nothing to tell.
    base::Result<void> finish() {
        if (!is_empty_) return file_.finish();
        std::error_code failed;
        std::filesystem::remove(path_, failed);
        return {};
    }
    /// Empty: there is none.
    std::filesystem::path path() const { return is_empty_ ? std::filesystem::path() : path_; }

private:
    const std::filesystem::path path_;
    OutFile file_;
    bool is_empty_ = true;
};

}  // namespace django
