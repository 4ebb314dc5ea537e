#pragma once

#include "lookup.hpp"
#include "source.hpp"
#include "staging_store.hpp"

namespace django {

/// A row of the base, and how it is known: without a pk by its natural key.
struct BaseRow {
    RowPointer row{};
    bool has_pk = true;
};

BaseRow base_row(Record record, const NaturalKeys& natural_keys);

}  // namespace django
