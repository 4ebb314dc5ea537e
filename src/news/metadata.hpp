#pragma once

// The rules of what an article says besides its text. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "news/metadata.hpp"

namespace news {

/// All that is wrong with it. Its languages are set to the one spelling that they are stored in,
/// its address as well.
void check_metadata(std::vector<base::Problem>& problems, Metadata& metadata);

/// The same with a change of what is there now; what changes nothing is forgotten.
void settle_metadata(std::vector<base::Problem>& problems, MetadataChanges& changes,
                     const Metadata& now);

bool is_empty(const Metadata& metadata);
bool is_empty(const MetadataChanges& changes);
void apply(Metadata& metadata, const MetadataChanges& changes);
/// What makes `after` of `before`.
MetadataChanges difference(const Metadata& before, Metadata after);

/// What it takes in an event, by what each of its texts does.
template <class Bytes>
std::size_t bytes_of(const Metadata& metadata, const Bytes& bytes_of_text) {
    // Names, numbers and brackets.
    constexpr std::size_t bytes_of_entry = 120;
    auto entries = metadata.authors.size() + metadata.images.size() + metadata.translations.size() +
                   metadata.related.size() + 6;
    auto bytes = entries * bytes_of_entry + bytes_of_text(metadata.canonical_url);
    for (const auto& image : metadata.images) {
        bytes +=
            bytes_of_text(image.alt) + bytes_of_text(image.caption) + bytes_of_text(image.credit);
    }
    return bytes;
}

}  // namespace news
