#pragma once

#include <filesystem>
#include <string>

#include "base/task.hpp"
#include "media/library.hpp"
#include "rendition.hpp"

namespace media {

/// Pictures in other sizes and formats, made when they are first asked for and then kept, as long
/// as there is room. Thread-safe.
/// Refused with `rendition_not_found`, `media_store_full`, `rendition_failed` (unavailable), and as
/// image::Workers is.
class Renditions {
public:
    virtual ~Renditions() = default;

    /// What a rendition's address has to say for the picture and the focus that it is of, and for
    /// how renditions are made: another hash, another address.
    virtual std::string hash_of(const Item& item) const = 0;
    /// Where it can be read; asked by many at once, it is made once.
    virtual base::Task<std::filesystem::path> file(Item item, RenditionName name,
                                                   base::Deadline deadline) = 0;
    /// Forgets those of bytes that are removed.
    virtual base::Task<void> forget(std::string sha256) = 0;
};

}  // namespace media
