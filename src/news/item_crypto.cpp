#include "item_crypto.hpp"

#include <openssl/sha.h>

#include <array>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "metadata_json.hpp"

namespace news {

namespace {

/// With its length before it, so that no two items give the same text.
void add(std::string& all, std::string_view member) {
    all += std::to_string(member.size());
    all += ':';
    all += member;
}

}  // namespace

std::string item_hash(const NewArticle& item) {
    std::string all;
    all.reserve(item.content.size() + item.title.size() + item.description.size() + 300);
    for (const auto* text : {&item.title, &item.description, &item.content, &item.author}) {
        add(all, *text);
    }
    for (const auto& tag : item.tags) add(all, tag);
    add(all, item.draft ? "draft" : "published");
    add(all, item.published_at ? base::to_rfc3339(*item.published_at) : "");
    auto add_if_set = [&](std::string_view name, std::string_view member) {
        if (member.empty()) return;
        add(all, name);
        add(all, member);
    };
    add_if_set("slug", item.slug);
    add_if_set("extra", item.extra);
    add_if_set("legacy_id", item.legacy_id);
    if (item.content_format != ContentFormat::text) {
        add_if_set("content_format", name_of(item.content_format));
    }
    if (item.embargo_until) add_if_set("embargo_until", base::to_rfc3339(*item.embargo_until));
    if (item.expires_at) add_if_set("expires_at", base::to_rfc3339(*item.expires_at));
    add_if_set("metadata", metadata_to_json(item.metadata));
    if (item.owner) add_if_set("owner", std::to_string(*item.owner));
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
    return base::to_hex(digest.data(), digest.size());
}

}  // namespace news
