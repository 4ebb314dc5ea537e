#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "place_json.hpp"
#include "shape.hpp"

namespace legacy {

/// The time zones that a file names, each read once.
class Zones {
public:
    explicit Zones(JsonProblems& problems) : problems_(problems) {}

    /// Null, and a problem of that path, if there is none of that name.
    std::shared_ptr<const base::TimeZone> find(const std::string& name, const std::string& path);

private:
    JsonProblems& problems_;
    std::map<std::string, std::shared_ptr<const base::TimeZone>> zones_;
};

/// Takes what the place says of `time_zone` and of the precision, under that name.
void style_from_json(const JsonPlace& place, const char* precision_key, Zones& zones,
                     JsonProblems& problems, TimeStyle& style);

/// What else a shape can speak of: how times look unless it says so, and the news types.
struct ShapeGround {
    TimeStyle style{};
    std::vector<std::string> types{};
    Zones& zones;
};

/// Makes a shape of its description.
Shape shape_from_json(const JsonPlace& place, const ShapeGround& ground, JsonProblems& problems);

}  // namespace legacy
