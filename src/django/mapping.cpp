#include "mapping.hpp"

namespace django {

std::string Path::text() const {
    std::string out;
    for (const auto& step : steps) out += (out.empty() ? "" : "__") + step;
    return out;
}

std::map<std::string, std::vector<std::string>> usual_natural_keys() {
    return {{"auth.user", {"username"}},
            {"auth.group", {"name"}},
            {"auth.permission", {"codename", "content_type"}},
            {"contenttypes.contenttype", {"app_label", "model"}},
            {"sites.site", {"domain"}},
            {"taggit.tag", {"name"}},
            {"wagtailcore.locale", {"language_code"}},
            {"wagtailcore.site", {"hostname", "port"}}};
}

}  // namespace django
