#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "news/metadata.hpp"

namespace news {

/// Those members that are there, each under its name, into an object that is open.
void write_metadata(base::JsonWriter& json, const Metadata& metadata);
void write_metadata(base::JsonWriter& json, const MetadataChanges& changes);

/// Of the body of a stored event. Throws std::runtime_error, or nlohmann's exception, for what
/// write_metadata() never writes.
MetadataChanges metadata_changes_in(const nlohmann::ordered_json& body);
Metadata metadata_in(const nlohmann::ordered_json& body);

/// As one text for a store; empty for none.
std::string metadata_to_json(const Metadata& metadata);
Metadata metadata_from_json(std::string_view text);

/// What a client or a file says of it; `null` ends a member. True if something has the wrong JSON
/// type. What is said is looked at no further: that is settle_metadata().
bool read_metadata(const nlohmann::json& body, MetadataChanges& changes,
                   std::vector<base::Problem>& problems);

}  // namespace news
