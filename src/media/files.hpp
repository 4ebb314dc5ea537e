#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"

namespace media {

/// Bytes on their way in, in a file of their own that nobody else knows; gone with the object
/// unless they are kept. Of one thread at a time.
class IncomingFile {
public:
    virtual ~IncomingFile() = default;
    /// Refused with `media_store_full`, `media_store_unavailable` (unavailable).
    virtual base::Result<void> append(std::string_view bytes) = 0;
    /// To read from, and for nothing else.
    virtual int descriptor() const = 0;
};

/// Keeps bytes from being removed while somebody writes down that they are used.
using Hold = std::shared_ptr<const void>;

/// Where the bytes are, by their SHA-256: a folder, or something far away that is asked through it.
/// What works with the disk for long does so on a thread of its own. Thread-safe.
class Files {
public:
    virtual ~Files() = default;

    /// Before anything else: removes what was on its way. Gives how many files there are that
    /// `is_used` does not know; they stay, since it may be the one that knows too little, as when a
    /// store is put back to an earlier time. Blocks. What cannot be asked is trouble(), no refusal.
    virtual std::int64_t sweep(const std::function<bool(const std::string& sha256)>& is_used) = 0;

    /// Refused as append() is.
    virtual base::Result<std::unique_ptr<IncomingFile>> begin() = 0;
    /// Durable when it is done: then, and as long as the hold is there, nobody removes them.
    /// Refused with `media_store_full`, `media_store_unavailable`, `media_busy` (unavailable: too
    /// many wait).
    virtual base::Task<Hold> keep(std::unique_ptr<IncomingFile> file, std::string sha256,
                                  base::Deadline deadline) = 0;
    /// Where they can be read now. Refused with `media_unreadable`, `media_store_unavailable`
    /// (unavailable), and as begin() and keep() are.
    virtual base::Task<std::filesystem::path> file(std::string sha256, base::Deadline deadline) = 0;
    /// Unless somebody holds them, or `is_used` says so, which is asked on the thread of the files:
    /// false then.
    virtual base::Task<bool> remove(std::string sha256, std::function<bool()> is_used) = 0;
    /// What the operator should know of it, in a few words; empty: nothing. Does not block.
    virtual std::string trouble() const { return {}; }
};

}  // namespace media
