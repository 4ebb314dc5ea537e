#pragma once

#include <vector>

#include "base/result.hpp"
#include "django/import_types.hpp"
#include "identity/imports.hpp"
#include "news/importer.hpp"

namespace django {

/// What the modules say became of one row, as an import tells it: what to do about it, too. Pure.
Taken outcome_of(const identity::ImportedAs& made);
Taken outcome_of(identity::Withdrawn done);
/// `warnings`: heard of the item before.
Taken outcome_of(const news::ImportOutcome& made, std::vector<Warning> warnings);
/// Of one row that is refused, and not of a store that is.
Taken refused(const base::Error& error);

}  // namespace django
