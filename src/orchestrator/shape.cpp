#include "shape.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace orchestrator {

std::string_view ending_of(Shape shape) {
    switch (shape) {
        case Shape::json:
            return "";
        case Shape::linked_data:
            return ".jsonld";
        case Shape::ninjs_2:
        case Shape::ninjs_3:
            break;
    }
    return ".ninjs";
}

std::string media_type_of(Shape shape) {
    return shape == Shape::linked_data ? "application/ld+json" : "application/json; charset=utf-8";
}

Shape ninjs_for(std::string_view accept) {
    for (bool more = true; more;) {
        auto end = std::min(accept.find_first_of(",;"), accept.size());
        auto part = base::trim(accept.substr(0, end));
        more = end < accept.size();
        if (more) accept.remove_prefix(end + 1);
        for (std::string_view version : {"version=2", "version=\"2"}) {
            bool is_asked = part.starts_with(version) &&
                            (part.size() == version.size() || part[version.size()] == '.' ||
                             part[version.size()] == '"');
            if (is_asked) return Shape::ninjs_2;
        }
    }
    return Shape::ninjs_3;
}

}  // namespace orchestrator
