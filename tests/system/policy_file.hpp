#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace tests {

/// The written policy (policy.json says how it is to be read), taken apart.
class Policy {
public:
    /// What a caller is to get.
    struct Expected {
        int status = 0;
        std::string code{};             ///< of a failure
        std::set<std::string> words{};  ///< `shown`, `not shown`, `e-mail`, `no e-mail`
        std::string text{};             ///< as written
    };
    using Cells = std::map<std::string, std::map<std::string, Expected>>;  ///< object, caller

    struct Entry {
        std::string method;
        std::string pattern;
        std::string access;
        std::string part;     ///< that a build may leave out, all of it; empty: it may not
        std::string ask;      ///< the target, with `{name}` for what depends on the object
        nlohmann::json body;  ///< likewise; null: none
        std::string family;   ///< of objects
        Cells cells;

        /// `GET /v1/news/{type} anyone`: as --print-routes writes it.
        std::string route() const { return method + ' ' + pattern + ' ' + access; }
    };

    /// Callers and families of objects: these and no others.
    static const std::vector<std::string>& callers();
    static const std::map<std::string, std::vector<std::string>>& families();

    explicit Policy(const nlohmann::json& file);

    const std::vector<Entry>& entries() const { return entries_; }
    std::size_t cell_count() const;
    /// Every hole and every contradiction, a sentence each.
    const std::vector<std::string>& problems() const { return problems_; }
    /// Where the file and the routes of the server differ, a sentence each. A part that is missing
    /// as a whole is no difference.
    std::vector<std::string> differences(const std::set<std::string>& routes) const;

private:
    void read_groups(const nlohmann::json& file);
    void read_entry(const nlohmann::json& object);
    void read_line(Entry& entry, const std::string& object, const std::string& line);
    void check(const Entry& entry);
    std::vector<std::string> callers_in(const std::string& text);

    std::map<std::string, std::vector<std::string>> groups_;
    std::vector<std::string> everywhere_;
    std::vector<Entry> entries_;
    std::vector<std::string> problems_;
};

}  // namespace tests
