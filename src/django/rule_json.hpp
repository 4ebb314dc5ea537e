#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "mapping.hpp"

namespace django {

// The order of members is that of the file.
using RuleJson = nlohmann::ordered_json;

/// A value of a mapping file, with where it stands.
struct RulePlace {
    const RuleJson& value;
    std::string path;

    RulePlace at(const std::string& name) const {
        return {value.at(name), path.empty() ? name : path + "." + name};
    }
    RulePlace at(std::size_t number) const {
        return {value.at(number), path + "[" + std::to_string(number) + "]"};
    }
    bool has(const char* name) const { return value.is_object() && value.contains(name); }
};

/// A rule that is these steps.
inline Expression path_expression(std::vector<std::string> steps) {
    Expression out;
    out.kind = Expression::Kind::path;
    out.path.steps = std::move(steps);
    return out;
}

/// Reads the parts that all rules are made of, and collects what is wrong with them.
class RuleReader {
public:
    using Names = std::vector<std::string>;

    void complain(const std::string& path, std::string message);
    std::vector<base::Problem>& problems() { return problems_; }
    std::vector<Reverse>& reverses() { return reverses_; }

    /// An object with none but these members; one that is not among them is a problem.
    bool object(const RulePlace& place, const Names& allowed);
    std::string text(const RulePlace& place);
    std::string model(const RulePlace& place);
    Names texts(const RulePlace& place);
    Value constant(const RulePlace& place);
    Path path(const RulePlace& place);
    Condition condition(const RulePlace& place);
    /// `each` and what stands beside it.
    Rows rows(const RulePlace& place);
    Expression expression(const RulePlace& place);

private:
    using Read = void (RuleReader::*)(const RulePlace&, Expression&);
    struct Form {
        const char* key;
        Names beside;  ///< what may stand beside it
        Read read;
    };
    static const std::vector<Form>& forms();

    std::optional<Path> parse_path(std::string_view text, const std::string& where);
    std::optional<Reverse> parse_reverse(std::string_view text, const std::string& where,
                                         std::string& by);
    Expression from_text(const RulePlace& place);
    void test(const RulePlace& place, Test test, Condition& out);
    Branch branch(const RulePlace& place);
    void read_value(const RulePlace& place, Expression& out);
    void read_first(const RulePlace& place, Expression& out);
    void read_each(const RulePlace& place, Expression& out);
    void read_text(const RulePlace& place, Expression& out);
    void read_if(const RulePlace& place, Expression& out);
    void read_null(const RulePlace& place, Expression& out);
    void read_tree(const RulePlace& place, Expression& out);
    void read_names(const RulePlace& place, Expression& out);
    void read_image_url(const RulePlace& place, Expression& out);
    void read_page_url(const RulePlace& place, Expression& out);
    void read_rich_text(const RulePlace& place, Expression& out);
    void read_stream(const RulePlace& place, Expression& out);
    void read_plugins(const RulePlace& place, Expression& out);
    void read_plain(const RulePlace& place, Expression& out);
    void read_file(const RulePlace& place, Expression& out);
    void read_map(const RulePlace& place, Expression& out);
    BlockRules block_rules(const RulePlace& place);
    BlockRule block_rule(const RulePlace& place);

    std::vector<base::Problem> problems_;
    std::vector<Reverse> reverses_;
};

}  // namespace django
