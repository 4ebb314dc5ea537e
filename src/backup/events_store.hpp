#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "bus/event.hpp"
#include "database/store_file.hpp"
#include "manifest.hpp"

namespace backup {

/// Hears that so many events more have come, with their bytes; no snapshot is held meanwhile, so it
/// may wait. May throw.
using EventsPart = std::function<void(std::int64_t events, std::int64_t bytes)>;

/// Copies a log's events behind `before` up to `last` into a new file, those of its archives with
/// them, part by part, each in a snapshot of its own. Throws database::Failure, also where the
/// log's chain does not lead from the one to the other.
void copy_events(const database::StoreFile& store, const bus::Cursor& before,
                 const bus::Cursor& last, const std::filesystem::path& file,
                 const EventsPart& part);

/// Calls `visit` for each event of a closed file, in order. Throws database::Failure where the
/// chain does not lead from `before` to `last`.
void follow_events(const std::filesystem::path& file, const bus::Cursor& before,
                   const bus::Cursor& last, const std::function<void(const bus::Event&)>& visit);

/// How many of these segments, from the first on, are of this log's history.
std::size_t segments_of(database::ReadTransaction& log, const std::vector<Segment>& segments);

bus::Cursor head_of(database::ReadTransaction& log);
std::vector<SchemaStep> schema_of(database::ReadTransaction& store);

}  // namespace backup
