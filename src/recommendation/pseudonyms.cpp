#include "pseudonyms.hpp"

#include <cstring>

#include "base/hmac.hpp"

namespace recommendation {

std::string Pseudonyms::of_visit(ReaderHash reader, std::string_view name) const {
    constexpr std::size_t visit_bytes = 16;
    std::string text = "v" + std::to_string(reader) + "/";
    return base::hmac_sha256(key_, text.append(name)).substr(0, visit_bytes);
}

ReaderHash Pseudonyms::hash(char kind, std::string_view text) const {
    auto bytes = base::hmac_sha256(key_, kind + std::string(text));
    ReaderHash hash = 0;
    std::memcpy(&hash, bytes.data(), sizeof hash);
    return hash;
}

}  // namespace recommendation
