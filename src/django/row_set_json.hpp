#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "lookup.hpp"
#include "mapping.hpp"
#include "relations.hpp"
#include "source.hpp"

namespace django {

/// A few rows in memory: those that one change came with. What is not among them is not there.
class RowSet final : public Lookup {
public:
    RowSet(std::vector<Record> records, const Mapping& mapping);

    /// Those of a model, in the order in which they came.
    std::vector<RowPointer> of(const std::string& model) const;

    RowPointer find(const std::string& model, const Value& key) const override;
    std::vector<RowPointer> pointing(const Reverse& reverse, const std::string& model,
                                     const Value& key) const override;
    std::string target(const std::string& model, const std::string& field) const override;
    std::optional<Value> parsed(std::string_view json) const override;

private:
    std::map<std::string, std::vector<RowPointer>> rows_;
    std::map<std::string, std::vector<std::string>> natural_keys_;
    Relations relations_;
};

}  // namespace django
