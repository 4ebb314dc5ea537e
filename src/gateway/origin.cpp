#include "origin.hpp"

namespace gateway {

bool is_origin(std::string_view text) {
    if (text == "*") return true;
    if (text.size() > 200) return false;
    auto colon = text.find("://");
    if (colon == text.npos || (text.substr(0, colon) != "https" && text.substr(0, colon) != "http"))
        return false;
    auto host = text.substr(colon + 3);
    if (host.empty() || host.front() == ':') return false;
    for (char c : host) {
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                    c == ':' || c == '[' || c == ']';
        if (!good) return false;
    }
    return true;
}

}  // namespace gateway
