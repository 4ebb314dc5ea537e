#include "conditional.hpp"

#include <openssl/sha.h>

#include <array>

#include "base/ids.hpp"
#include "characters.hpp"

namespace http {

namespace {

/// Calls `take(tag, weak)` for each entity tag of a list; a tag may have commas inside its quotes.
/// Stops at what is none.
template <class Take>
void for_each_tag(std::string_view list, Take take) {
    for (;;) {
        while (!list.empty() &&
               (list.front() == ',' || list.front() == ' ' || list.front() == '\t')) {
            list.remove_prefix(1);
        }
        bool weak = list.substr(0, 2) == "W/";
        if (weak) list.remove_prefix(2);
        if (list.empty() || list.front() != '"') return;
        auto end = list.find('"', 1);
        if (end == std::string_view::npos) return;
        take(list.substr(0, end + 1), weak);
        list.remove_prefix(end + 1);
    }
}

struct Match {
    bool present = false;
    bool holds = false;
};

Match match(const Request& request, std::string_view name, std::string_view etag, bool strong) {
    bool etag_weak = etag.substr(0, 2) == "W/";
    auto opaque = etag_weak ? etag.substr(2) : etag;
    Match result;
    for (const auto& field : request.fields) {
        if (!equals_lower(field.name, name)) continue;
        result.present = true;
        if (field.value == "*") result.holds = true;
        for_each_tag(field.value, [&](std::string_view tag, bool weak) {
            if (tag == opaque && !(strong && (weak || etag_weak))) result.holds = true;
        });
    }
    return result;
}

}  // namespace

Condition evaluate(const Request& request, std::string_view etag) {
    auto if_match = match(request, "if-match", etag, true);
    if (if_match.present && !if_match.holds) return Condition::failed;
    auto if_none_match = match(request, "if-none-match", etag, false);
    if (if_none_match.present && if_none_match.holds) return Condition::not_modified;
    return Condition::send;
}

std::optional<IfMatch> if_match(const Request& request) {
    std::optional<IfMatch> wanted;
    for (auto line : request.header_lines("If-Match")) {
        if (!wanted) wanted.emplace();
        if (line == "*") wanted->any = true;
        for_each_tag(line, [&wanted](std::string_view tag, bool weak) {
            if (weak) wanted->weak = true;
            if (weak) return;
            tag = tag.substr(1, tag.size() - 2);
            for (std::string_view ending : {"-br", "-gzip"}) {
                if (tag.ends_with(ending)) tag.remove_suffix(ending.size());
            }
            wanted->tags.emplace_back(tag);
        });
    }
    return wanted;
}

std::string if_match_advice(const Request& request, bool ours, std::string_view instead) {
    auto wanted = if_match(request);
    if (!wanted || wanted->any || (ours && !wanted->tags.empty())) return {};
    bool weak = wanted->tags.empty() && wanted->weak;
    std::string why = weak
                          ? "If-Match has a weak tag (W/), as a proxy makes it by compressing, and "
                            "a weak tag matches nothing. "
                          : "If-Match has no entity tag of this server. ";
    return why.append(instead);
}

std::string make_etag(std::string_view content) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
    return '"' + base::to_hex(digest.data(), 8) + '"';
}

}  // namespace http
