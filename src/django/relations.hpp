#pragma once

#include <map>
#include <string>
#include <vector>

namespace django {

/// Which model each field points to. JSON does not say it, so what the mapping and the source leave
/// open is told from the names. Pure.
class Relations {
public:
    Relations() = default;
    /// `told`: `news.article.author` → `auth.user`; wins over what names say. `models`: all that
    /// there are.
    Relations(std::map<std::string, std::string> told, std::vector<std::string> models)
        : told_(std::move(told)), models_(std::move(models)) {}

    /// Empty: nothing fits, or more than one does.
    std::string target(const std::string& model, const std::string& field) const {
        return find(model, field).model;
    }
    struct Found {
        std::string model{};
        bool is_guess = false;  ///< it is called in another way than the field, and nobody told
    };
    Found find(const std::string& model, const std::string& field) const;

private:
    std::string by_class(const std::string& name, const std::string& near) const;
    bool has(const std::string& model) const;

    std::map<std::string, std::string> told_;
    std::vector<std::string> models_;
};

}  // namespace django
