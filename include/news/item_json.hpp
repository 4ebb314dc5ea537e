#pragma once

#include "base/json_writer.hpp"
#include "news/items.hpp"

namespace news {

/// An article as the newsroom lists it, as a value of `json`.
void write_json(base::JsonWriter& json, const Item& item);

}  // namespace news
