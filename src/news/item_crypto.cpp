#include "item_crypto.hpp"

#include <openssl/sha.h>

#include <array>

#include "base/clock.hpp"
#include "base/ids.hpp"

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
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
    return base::to_hex(digest.data(), digest.size());
}

}  // namespace news
