#pragma once

#include <string>
#include <vector>

#include "django/inspect.hpp"

namespace django {

/// A mapping to begin with, told from the names of models and fields. JSON for a person to look
/// through. What no name says to be published is a draft.
std::string suggested_mapping(const std::vector<ModelFacts>& models);

/// Of which articles no byline is proposed, since nothing tells whom the field points to. A wrong
/// one would show readers the login name of whoever typed the text.
std::vector<std::string> unclear_bylines(const std::vector<ModelFacts>& models);

/// Whether its rows have what it takes to log in with a password.
bool is_user_model(const ModelFacts& model);

/// What a model is in many sites; empty: not known.
std::string meaning_of(const std::string& model);

}  // namespace django
