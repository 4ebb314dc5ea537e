#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drf_pages.hpp"
#include "shape.hpp"

namespace legacy {

/// An old route, and which of our questions answers it.
struct ApiRoute {
    std::string path;  ///< as the router wants it, without a slash at its end
    bool is_list = true;
    std::vector<std::string> types;
    /// What chooses one of them in a request, if other words than their names do.
    std::map<std::string, std::string> type_words{};
    PageRules pages{};
    /// The parameters of the query that choose among the articles; empty: there is none.
    std::string type_parameter{};
    std::string tag_parameter{};
    std::string author_parameter{};
    std::string language_parameter{};
    Shape item{};
    std::string key{};                   ///< the parameter of the path that holds an item's id
    std::string model = "Article";       ///< as newer versions name it when there is no such item
    std::string not_found{};             ///< JSON; empty: as Django REST framework has it
    std::vector<std::string> refuses{};  ///< methods that are answered with 405
};

/// What the file of `legacy.api` says.
struct ApiFile {
    std::string base_url{};      ///< without a slash at its end; empty: as each request says
    bool names_missing = false;  ///< a 404 says what is missing: from 3.15 on
    std::map<std::string, std::string> headers{};  ///< of every answer
    std::vector<ApiRoute> routes{};
};

/// What there is that a route can ask for.
struct ApiGround {
    std::vector<std::string> types{};
    bool lists_authors = false;
    std::int64_t offset_max = 100000;
};

}  // namespace legacy
