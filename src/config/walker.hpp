#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "key_tree.hpp"

namespace config {

/// A value that comes as text: from the environment, or from `--set`.
struct TextValue {
    std::string source;  ///< `PORTAL__HTTP__LISTEN` or `--set`
    std::string value;
};

/// All sources, in the order in which they are asked, and what was found wrong.
struct Input {
    nlohmann::json file = nlohmann::json::object();
    bool has_file = false;
    std::filesystem::path folder{};  ///< of the file; what it says of paths is relative to it
    std::map<std::string, TextValue> environment{};  ///< by path, in lower case
    std::map<std::string, TextValue> overrides{};    ///< by path
    std::vector<Problem> problems{};
};

/// The one implementation of Section: writes down each key that it is told of and, where there is
/// an Input, fills the key's member from it.
class Walker final : public Section {
public:
    /// Without an input the members keep their values: that is how defaults are printed.
    Walker(Key& seen, Input* input) : Walker(seen, input, input ? &input->file : nullptr, "") {}

    void integer(const std::string& key, std::int64_t& value, Range allowed,
                 const std::string& meaning) override;
    void boolean(const std::string& key, bool& value, const std::string& meaning) override;
    void text(const std::string& key, std::string& value, const std::string& meaning) override;
    void path(const std::string& key, std::string& value, const std::string& meaning,
              std::string* in_file) override;
    void choice(const std::string& key, std::string& value, const std::vector<std::string>& allowed,
                const std::string& meaning) override;
    void list(const std::string& key, std::vector<std::string>& value,
              const std::string& meaning) override;
    void table(const std::string& key, std::map<std::string, std::string>& value,
               const std::string& meaning) override;
    Section& section(const std::string& key, const std::string& meaning) override;
    void each_object(const std::string& key, std::size_t count, const std::string& meaning,
                     const std::function<void(std::size_t)>& resize,
                     const std::function<void(Section&, std::size_t)>& describe) override;
    void refuse(const std::string& path, const std::string& message) override;

private:
    Walker(Key& seen, Input* input, const nlohmann::json* file, std::string path)
        : seen_(seen), input_(input), file_(file), path_(std::move(path)) {}

    /// The list of objects that the last source with a good one has; null if none has.
    const nlohmann::json* objects_of(const std::string& key, nlohmann::json& from_text);
    std::string path_of(const std::string& key) const;
    void problem(const std::string& path, const std::string& message);
    template <class Value, class FromJson>
    void fill(const std::string& key, Value& value, Key::Kind kind, const FromJson& from_json);
    template <class Value, class FromJson>
    void fill_from_text(const std::string& key, Value& value, Key::Kind kind,
                        const FromJson& from_json);
    template <class Value, class FromJson>
    void take(const std::string& key, Value& value, const nlohmann::json& given,
              const std::string& source, const FromJson& from_json);

    Key& seen_;
    Input* input_;
    const nlohmann::json* file_;  ///< the object of this section; null if the file has none
    std::string path_;
    std::unique_ptr<Walker> below_{};
};

/// Names each member of the object that `section` has no key for. `prefix`: of their paths.
void refuse_unknown(const nlohmann::json& object, const Key& section, const std::string& prefix,
                    std::vector<Problem>& problems);

}  // namespace config
