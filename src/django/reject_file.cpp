#include "reject_file.hpp"

#include <utility>

#include "base/json_writer.hpp"

namespace django {

RejectFile::RejectFile(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code failed;
    std::filesystem::remove(path_, failed);
}

void RejectFile::add(const Reject& reject) {
    if (!file_.is_open()) file_.open(path_, std::ios::binary);
    std::string line;
    base::JsonWriter out(line);
    out.open('{').member("line", reject.line);
    if (!reject.model.empty()) out.member("model", reject.model);
    out.member("error", reject.code).member("message", reject.message);
    // Hashes of passwords are nobody's to read.
    bool secret = reject.row.find("password") != std::string::npos;
    if (!secret && !reject.row.empty()) out.member("row", reject.row);
    out.close('}');
    file_ << line << '\n';
}

}  // namespace django
