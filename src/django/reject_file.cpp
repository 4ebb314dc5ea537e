#include "reject_file.hpp"

#include "base/json_writer.hpp"
#include "names.hpp"
#include "privacy.hpp"
#include "private_file.hpp"

namespace django {

base::Result<void> RejectFile::begin() {
    // That it can be written is known before anything is done, not after all of it.
    auto made = make_private(path_);
    std::error_code failed;
    if (made) std::filesystem::remove(path_, failed);
    return made;
}

void RejectFile::add(const Reject& reject) {
    if (!file_.is_open() && !failed_) {
        if (make_private(path_)) file_.open(path_, std::ios::binary | std::ios::trunc);
        failed_ = !file_.is_open();
    }
    if (failed_) return;
    std::string line;
    base::JsonWriter out(line);
    out.open('{').member("line", reject.line);
    if (!reject.model.empty()) out.member("model", reject.model);
    out.member("error", reject.code).member("message", shortened(reject.message));
    bool shown = !reject.row.empty() && !mentions_private(reject.row);
    if (shown) out.member("row", reject.row);
    out.close('}');
    file_ << line << '\n';
}

}  // namespace django
