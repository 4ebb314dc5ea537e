#include "base/line_reader.hpp"

namespace base {

bool LineReader::next() {
    line_.clear();
    too_long_ = false;
    constexpr auto end = std::char_traits<char>::eof();
    auto* buffer = input_.rdbuf();
    for (int c = buffer->sbumpc(); c != end; c = buffer->sbumpc()) {
        ++bytes_read_;
        if (c == '\n') {
            if (!line_.empty() && line_.back() == '\r') line_.pop_back();
            return true;
        }
        if (line_.size() < bytes_max_) {
            line_.push_back(static_cast<char>(c));
        } else {
            too_long_ = true;
        }
    }
    return !line_.empty();
}

}  // namespace base
