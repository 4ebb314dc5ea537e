#pragma once

#include <string>
#include <vector>

#include "django/inspect.hpp"

namespace django {

/// A mapping to begin with, told from the names of models and fields. JSON for a person to look
/// through. What no name says to be published is a draft.
std::string suggested_mapping(const std::vector<ModelFacts>& models);

/// Whether its rows have what it takes to log in with a password.
bool is_user_model(const ModelFacts& model);

/// What a model is in many sites; empty: not known.
std::string meaning_of(const std::string& model);

}  // namespace django
