#pragma once

#include <map>
#include <string>
#include <vector>

#include "api_file.hpp"
#include "place_json.hpp"

namespace legacy {

/// What a route can speak of.
struct RouteGround {
    const ApiGround& api;
    const std::map<std::string, Shape>& shapes;
    bool names_missing;  ///< see ApiFile
};

/// Reads the list of routes. What their shapes have wrong was told when those were read.
std::vector<ApiRoute> routes_from_json(const JsonPlace& places, const RouteGround& ground,
                                       JsonProblems& problems);

}  // namespace legacy
