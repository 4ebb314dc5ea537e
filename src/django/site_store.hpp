#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database/foreign_file.hpp"
#include "source.hpp"

namespace django {

/// The SQLite file of a Django site, read only and in one transaction, row by row as dumpdata would
/// write them. Which table is which model's says django_content_type; a table with a name of its
/// own choice is found by nobody, and named in untold(). Its constructor throws database::Failure.
/// A file that turns out to be damaged ends there, as one that is cut off.
class SiteStore final : public Source {
public:
    SiteStore(const std::filesystem::path& file, std::size_t row_bytes_max);

    Item next() override;
    const std::map<std::string, std::string>& relations() const override { return relations_; }
    bool naive_is_utc() const override { return true; }
    /// Tables with rows that belong to no model, as far as it can be seen.
    const std::vector<std::string>& untold() const { return untold_; }

private:
    /// A many-to-many field, kept in a table of its own.
    struct Links {
        std::string field;
        std::string table;
        std::string own;    ///< the column that points to this model
        std::string other;  ///< the one that points to the others
        std::string other_type;
    };
    struct Model {
        std::string name;
        database::Table table;
        std::string key;        ///< its column
        std::string columns{};  ///< as a question for them has them
        std::vector<Links> links{};
    };

    void name_models(const std::vector<database::Table>& tables);
    void find_links(const std::vector<database::Table>& tables);
    bool next_numbers();
    void next_model();
    Item read_next();
    Item read_row(std::int64_t number);
    bool read_links(Record& record);
    std::string model_of_table(const std::string& table) const;

    database::ForeignFile file_;
    database::ReadTransaction& transaction_;
    const std::size_t row_bytes_max_;
    std::vector<Model> models_;
    std::size_t at_ = 0;                 ///< the model under way
    std::vector<std::int64_t> numbers_;  ///< of the rows that come next, the last first
    std::optional<std::int64_t> last_;   ///< the greatest number that was asked for
    std::int64_t row_ = 0;
    bool damaged_ = false;  ///< not all could be read
    std::map<std::string, std::string> relations_;
    std::vector<std::string> untold_;
};

}  // namespace django
