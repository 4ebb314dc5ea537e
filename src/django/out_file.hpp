#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/result.hpp"
#include "private_file.hpp"
#include "value.hpp"

namespace django {

/// The file under another name until all of it is there.
class OutFile {
public:
    explicit OutFile(std::filesystem::path file) : file_(std::move(file)), part_(file_) {
        part_ += ".part";
    }
    ~OutFile() {
        std::error_code failed;
        if (!is_done_) std::filesystem::remove(part_, failed);
    }
    OutFile(const OutFile&) = delete;

    base::Result<void> open() {
        auto made = make_private(part_);
        if (!made) return made;
        out_.open(part_, std::ios::binary | std::ios::trunc);
        return out_ ? base::Result<void>() : cannot_write();
    }
    void add(const std::string& model, const Value& key, const Value& fields) {
        out_ << R"({"model": )" << to_json(Value(model));
        if (!key.is_null()) out_ << R"(, "pk": )" << to_json(key);
        out_ << R"(, "fields": )" << to_json(fields) << "}\n";
    }
    void add_line(const std::string& line) { out_ << line << '\n'; }
    base::Result<void> finish() {
        out_.close();
        if (!out_) return cannot_write();
        // Before it has its name: else that may be there after a loss of power, and not all of it.
        auto synced = make_durable(part_);
        if (!synced) return synced;
        std::error_code failed;
        std::filesystem::rename(part_, file_, failed);
        is_done_ = !failed;
        if (!is_done_) return cannot_write();
        auto folder = file_.parent_path();
        return make_durable(folder.empty() ? "." : folder);
    }

private:
    base::Error cannot_write() const {
        return {base::Reason::unavailable, "cannot_write",
                "The file " + file_.string() + " cannot be written."};
    }

    const std::filesystem::path file_;
    std::filesystem::path part_;
    std::ofstream out_;
    bool is_done_ = false;
};

}  // namespace django
